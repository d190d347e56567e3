package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// container is a server from Docker, for machines without the program.
type container struct {
	kind, image, port string
	database          string
	env               func(password string) []string
	args              []string
	ping              func(context.Context, database) error
}

const dockerUser = "inventory"

var (
	mysqlContainer = container{
		kind: "mysql", image: "mysql:8.4", port: "3306", database: inventoryName, args: []string{"--local-infile=ON"},
		env: func(password string) []string {
			return []string{"MYSQL_RANDOM_ROOT_PASSWORD=yes", "MYSQL_DATABASE=" + inventoryName, "MYSQL_USER=" + dockerUser, "MYSQL_PASSWORD=" + password}
		},
		ping: func(ctx context.Context, db database) error {
			connector, err := mysql.NewConnector(db.mysqlConfig())
			if err != nil {
				return err
			}
			conn := sql.OpenDB(connector)
			return errors.Join(conn.PingContext(ctx), conn.Close())
		},
	}
	postgresContainer = container{
		kind: "postgres", image: "postgres:15", port: "5432", database: warehouseName,
		env: func(password string) []string {
			return []string{"POSTGRES_USER=" + dockerUser, "POSTGRES_DB=" + warehouseName, "POSTGRES_PASSWORD=" + password}
		},
		ping: func(ctx context.Context, db database) error {
			conn, err := pgx.Connect(ctx, db.postgresURL())
			if err != nil {
				return err
			}
			return conn.Close(ctx)
		},
	}
)

// containerName is unique to the demo's directory, so that two checkouts do not meet.
func (d *demo) containerName(kind string) string {
	sum := sha256.Sum256([]byte(d.home))
	return "course-inventory-demo-" + kind + "-" + hex.EncodeToString(sum[:4])
}

// container returns a database from a running container, which it starts where needed. The cause is why
// there is no program to use instead.
func (d *demo) container(ctx context.Context, c container, cause error) (database, error) {
	if _, err := docker(ctx, "version", "--format", "{{.Server.Version}}"); err != nil {
		return database{}, cause
	}
	name := d.containerName(c.kind)
	began := "running since before"
	secret := d.path("secrets", c.kind+".env")
	if state, err := docker(ctx, "container", "inspect", "--format", "{{.State.Running}}", name); err != nil || state != "true" {
		began = "started"
		if err == nil {
			// Stopped, perhaps by a reboot; its data is inside and comes back by a run of the job.
			if _, err := docker(ctx, "rm", "--force", "--volumes", name); err != nil {
				return database{}, err
			}
		}
		if err := d.write(secret, []byte(strings.Join(c.env(rand.Text()), "\n")+"\n")); err != nil {
			return database{}, fmt.Errorf("write container's environment: %w", err)
		}
		run := []string{"run", "--detach", "--name", name, "--label", "course-inventory.demo=" + d.home,
			"--env-file", secret, "--publish", "127.0.0.1::" + c.port, c.image}
		if _, err := docker(ctx, append(run, c.args...)...); err != nil {
			return database{}, err
		}
	}
	db := database{Host: "127.0.0.1", User: dockerUser, Name: c.database, Docker: name}
	text, err := os.ReadFile(secret)
	if err != nil {
		return db, fmt.Errorf("read container's environment: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(strings.TrimSpace(line), "="); strings.HasSuffix(key, "_PASSWORD") && key != "MYSQL_RANDOM_ROOT_PASSWORD" {
			db.Password = value
		}
	}
	published, err := docker(ctx, "port", name, c.port+"/tcp")
	if err != nil {
		return db, err
	}
	first, _, _ := strings.Cut(published, "\n")
	_, port, err := net.SplitHostPort(first)
	if err != nil {
		return db, fmt.Errorf("port of container %s: %w", name, err)
	}
	if db.Port, err = strconv.Atoi(port); err != nil {
		return db, fmt.Errorf("port of container %s: %w", name, err)
	}
	if err := answers(ctx, 3*time.Minute, func(ctx context.Context) error { return c.ping(ctx, db) }); err != nil {
		return db, fault.New(fault.Unavailable, "Look at: docker logs "+name, fmt.Errorf("container %s: %w", name, err))
	}
	db.About = fmt.Sprintf("Docker's %s on %s:%d, %s", c.image, db.Host, db.Port, began)
	return db, nil
}

// removeContainers removes those of this demo. Without Docker there are none.
func (d *demo) removeContainers(ctx context.Context) (removed []string, err error) {
	if _, err := exec.LookPath("docker"); err != nil {
		return nil, nil
	}
	// An engine that does not answer holds nothing that runs.
	list, err := docker(ctx, "ps", "--all", "--quiet", "--filter", "label=course-inventory.demo="+d.home)
	if err != nil {
		return nil, nil //nolint:nilerr // as said above
	}
	for _, id := range strings.Fields(list) {
		if _, err := docker(ctx, "rm", "--force", "--volumes", id); err != nil {
			return removed, err
		}
		removed = append(removed, "container "+id)
	}
	return removed, nil
}

// docker runs the client and returns what it prints.
func docker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fault.New(fault.Unavailable, "", fmt.Errorf("docker %s: %w: %s", args[0], err, strings.TrimSpace(errs.String())))
	}
	return strings.TrimSpace(out.String()), nil
}

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

const (
	inventoryName = "course_inventory"
	warehouseName = "udw"
)

// database is where a database of the demo can be reached.
type database struct {
	Host     string
	Port     int
	User     string
	Password string
	Name     string
	About    string // what serves it, for people
	Docker   string // the container's name, if it is one
}

func (db database) mysqlConfig() *mysql.Config {
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", fmt.Sprintf("%s:%d", db.Host, db.Port)
	c.User, c.Passwd, c.DBName = db.User, db.Password, db.Name
	c.Logger = &mysql.NopLogger{} // a container that is not ready yet is no news
	return c
}

func (db database) postgresURL() string {
	// Host, port and names are ours: nothing in them needs quoting.
	return fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", db.User, db.Password, db.Host, db.Port, db.Name)
}

// inventory returns the MySQL database for the job, from a server that runs already, else from one of the
// machine's programs, else from a container.
func (d *demo) inventory(ctx context.Context) (database, error) {
	s, began, err := reuse(ctx, d.path("mysql"), localdb.AttachMySQL, localdb.StartMySQL)
	if errors.Is(err, localdb.ErrNotInstalled) {
		return d.container(ctx, mysqlContainer, err)
	}
	if err != nil {
		return database{}, err
	}
	db := database{Host: s.Host(), Port: s.Port(), User: s.User(), Password: s.Password(), Name: inventoryName}
	db.About = fmt.Sprintf("%s on %s:%d, %s", brand(s.Version()), db.Host, db.Port, began)

	conn, err := sql.Open("mysql", s.DSN(""))
	if err != nil {
		return db, err
	}
	defer conn.Close()
	if _, err = conn.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+db.Name+" CHARACTER SET utf8mb4"); err != nil {
		return db, fmt.Errorf("create database %s: %w", db.Name, err)
	}
	return db, nil
}

// warehouse returns the PostgreSQL database that plays the UDW.
func (d *demo) warehouse(ctx context.Context) (database, error) {
	s, began, err := reuse(ctx, d.path("postgres"), localdb.AttachPostgres, localdb.StartPostgres)
	if errors.Is(err, localdb.ErrNotInstalled) {
		return d.container(ctx, postgresContainer, err)
	}
	if err != nil {
		return database{}, err
	}
	db := database{Host: s.Host(), Port: s.Port(), User: s.User(), Password: s.Password(), Name: warehouseName}
	version, _, _ := strings.Cut(s.Version(), " ")
	db.About = fmt.Sprintf("PostgreSQL %s on %s:%d, %s", version, db.Host, db.Port, began)

	conn, err := pgx.Connect(ctx, s.DSN(""))
	if err != nil {
		return db, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", db.Name).Scan(&exists); err != nil {
		return db, fmt.Errorf("look for database %s: %w", db.Name, err)
	}
	if !exists {
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+db.Name); err != nil {
			return db, fmt.Errorf("create database %s: %w", db.Name, err)
		}
	}
	return db, nil
}

// reuse attaches to the server of a directory, or starts it to outlive this program.
func reuse[S any](ctx context.Context, dir string,
	attach func(context.Context, string) (S, error), start func(context.Context, localdb.Options) (S, error),
) (s S, began string, err error) {
	s, err = attach(ctx, dir)
	if err == nil {
		return s, "running since before", nil
	}
	if !errors.Is(err, child.ErrNotRunning) {
		return s, "", err
	}
	s, err = start(ctx, localdb.Options{Dir: dir, Detach: true})
	return s, "started", err
}

// brand makes "MariaDB 10.11.19" of "10.11.19-MariaDB-…".
func brand(version string) string {
	number, rest, _ := strings.Cut(version, "-")
	if strings.Contains(rest, "MariaDB") {
		return "MariaDB " + number
	}
	return "MySQL " + number
}

// answers waits until ping succeeds.
func answers(ctx context.Context, limit time.Duration, ping func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	for {
		err := ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

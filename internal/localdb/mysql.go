package localdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// MySQL is a private MariaDB or MySQL server. Root connects by its socket only.
type MySQL struct{ *Server }

// ProgramVariable is the environment variable that may name the program of a MySQL or MariaDB server to
// use instead of the first one found, to test with both.
const ProgramVariable = "LOCALDB_MYSQLD"

// StartMySQL initialises, where needed, and starts a server, and returns when it answers. MariaDB is
// preferred to MySQL. Where neither is installed, the error says what to do ([fault.Unavailable]).
//
// LOAD DATA LOCAL is allowed; forbid it with "--local-infile=OFF" in [Options.Extra].
func StartMySQL(ctx context.Context, opt Options) (*MySQL, error) {
	k, err := mysqlKind(ctx)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, k, opt)
	if err != nil {
		return nil, err
	}
	return &MySQL{s}, nil
}

// AttachMySQL finds a detached server by its directory. The error is [child.ErrNotRunning] when it does not run.
func AttachMySQL(ctx context.Context, dir string) (*MySQL, error) {
	k, err := mysqlKind(ctx)
	if err != nil {
		return nil, err
	}
	s, err := attach(ctx, k, dir)
	if err != nil {
		return nil, err
	}
	return &MySQL{s}, nil
}

// DSN returns the data source name for github.com/go-sql-driver/mysql: times are UTC on both sides.
// An empty db connects to no database.
func (m *MySQL) DSN(db string) string { return mysqlConfig(m.Server, db).FormatDSN() }

// Socket returns the path of the server's socket, by which the system's root is the server's root.
func (m *MySQL) Socket() string { return mysqlSocket(m.Server) }

func mysqlSocket(s *Server) string { return filepath.Join(s.socketDir, "mysql.sock") }

func mysqlConfig(s *Server, db string) *mysql.Config {
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", fmt.Sprintf("%s:%d", host, s.Port())
	c.User, c.Passwd, c.DBName = userName, s.Password(), db
	c.ParseTime, c.Loc = true, time.UTC
	c.Params = map[string]string{"time_zone": "'+00:00'"}
	return c
}

func mysqlPing(ctx context.Context, s *Server) (version string, err error) {
	c := mysqlConfig(s, "")
	c.Timeout = 5 * time.Second
	c.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return "", err
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version)
	return version, err
}

// mysqlKind finds the program and returns how to run it.
func mysqlKind(ctx context.Context) (kind, error) {
	program := os.Getenv(ProgramVariable)
	if program == "" {
		program = find("mariadbd", mysqlDirs)
	}
	if program == "" {
		program = find("mysqld", mysqlDirs)
	}
	if program == "" {
		return kind{}, errNoMySQL
	}
	out, err := exec.CommandContext(ctx, program, "--no-defaults", "--version").Output()
	if err != nil {
		return kind{}, fmt.Errorf("ask %s for its version: %w", program, err)
	}
	maria := strings.Contains(string(out), "MariaDB")

	k := kind{name: "MySQL", accounts: []string{"mysql", "nobody"}, signal: syscall.SIGTERM, ping: mysqlPing}
	k.initialise = func(ctx context.Context, s *Server) error { return mysqlInit(ctx, s, program, maria) }
	k.command = func(s *Server) (string, []string) { return program, mysqlArgs(s, maria) }
	return k, nil
}

func mysqlArgs(s *Server, maria bool) []string {
	args := []string{
		"--no-defaults", "--datadir=" + s.data(), "--socket=" + mysqlSocket(s),
		"--pid-file=" + filepath.Join(s.socketDir, "mysql.pid"), "--init-file=" + mysqlGrants(s),
		"--bind-address=" + host, fmt.Sprintf("--port=%d", s.Port()), "--skip-name-resolve",
		"--default-time-zone=+00:00", "--character-set-server=utf8mb4", "--local-infile=ON",
		// Kernel AIO is a scarce resource that sandboxes often forbid.
		"--innodb-use-native-aio=OFF", "--performance-schema=OFF", "--skip-log-bin", "--max-connections=200",
	}
	if !maria {
		args = append(args, "--mysqlx=OFF", "--secure-file-priv=NULL")
	}
	if s.opt.Fast {
		args = append(args, "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF", "--innodb-flush-method=nosync")
		if !maria {
			args[len(args)-1] = "--innodb-flush-method=O_DIRECT_NO_FSYNC"
		}
	}
	return args
}

func mysqlGrants(s *Server) string { return filepath.Join(s.home, "grants.sql") }

// mysqlInit makes the data directory and the file of statements that the server runs whenever it starts.
func mysqlInit(ctx context.Context, s *Server, program string, maria bool) error {
	grants := fmt.Sprintf("CREATE USER IF NOT EXISTS '%[1]s'@'%[2]s' IDENTIFIED BY '%[3]s';\n"+
		"GRANT ALL PRIVILEGES ON *.* TO '%[1]s'@'%[2]s' WITH GRANT OPTION;\n", userName, host, s.Password())
	if err := s.account.WriteFile(mysqlGrants(s), []byte(grants)); err != nil {
		return fmt.Errorf("write grants: %w", err)
	}
	if !maria {
		// Its root has no password, but without name resolution only the private socket is "localhost".
		return s.account.Run(ctx, s.data(), program, "--no-defaults", "--initialize-insecure",
			"--datadir="+s.data(), "--innodb-use-native-aio=OFF", "--character-set-server=utf8mb4")
	}
	script := ""
	for _, name := range []string{"mariadb-install-db", "mysql_install_db"} {
		near := filepath.Dir(filepath.Dir(program))
		dirs := append([]string{filepath.Join(near, "bin"), filepath.Join(near, "scripts")}, mysqlDirs...)
		if script = find(name, dirs); script != "" {
			break
		}
	}
	if script == "" {
		return errNoMySQL
	}
	args := []string{
		// Its temporary files have names by process id, which servers started at once in a shared /tmp can share. The script
		// cannot take a path with a space here, so the directory is that of the data, in which it runs.
		"--no-defaults", "--datadir=" + s.data(), "--tmpdir=.", "--skip-test-db", "--skip-name-resolve", "--cross-bootstrap",
		"--auth-root-authentication-method=socket", "--innodb-use-native-aio=OFF",
	}
	if name := os.Getenv("USER"); os.Geteuid() != 0 && name != "" {
		args = append(args, "--auth-root-socket-user="+name)
	} else {
		args = append(args, "--auth-root-socket-user=root")
	}
	return s.account.Run(ctx, s.data(), script, args...)
}

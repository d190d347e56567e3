package load

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/sethvargo/go-retry"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

const connectTimeout = 20 * time.Second

// parameters of every connection, whatever the server's own settings are.
var parameters = map[string]string{
	"sql_mode":          "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
	"time_zone":         "'+00:00'",
	"lock_wait_timeout": "120", // seconds; the server's default is a day or a year
	"net_read_timeout":  "600",
	"net_write_timeout": "600",
	"wait_timeout":      "86400", // a connection idles while the other one works
	// What protects people at a prompt from themselves.
	"autocommit":         "1",
	"foreign_key_checks": "1",
	"sql_big_selects":    "1",
	"sql_safe_updates":   "0",
	"sql_select_limit":   "18446744073709551615",
}

// open makes a pool of connections; nothing is connected yet.
func open(db config.Database) (*sql.DB, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", address(db)
	c.User, c.Passwd, c.DBName = db.User, db.Password.Reveal(), db.Name
	c.Timeout = connectTimeout
	c.Loc, c.ParseTime = time.UTC, true
	c.MaxAllowedPacket = 0 // ask the server
	if err := encrypt(c, db); err != nil {
		return nil, fmt.Errorf("encryption of INVENTORY_DB: %w", err)
	}
	c.Params = parameters
	c.Logger = &mysql.NopLogger{} // its errors reach us as errors
	// The driver notes in the settings that a server offers no TLS. With this it does so in a copy, as connections are made side by side.
	if err := c.Apply(mysql.BeforeConnect(func(context.Context, *mysql.Config) error { return nil })); err != nil {
		return nil, fmt.Errorf("settings of INVENTORY_DB: %w", err)
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("settings of INVENTORY_DB: %w", err)
	}
	return sql.OpenDB(insistent{connector}), nil
}

// insistent connects again for a moment where the account has too many connections: the server takes a while to notice that one has ended.
type insistent struct{ driver.Connector }

const (
	connectTries = 5
	connectPause = 50 * time.Millisecond
)

func (c insistent) Connect(ctx context.Context) (conn driver.Conn, err error) {
	backoff := retry.WithMaxRetries(connectTries-1, retry.NewExponential(connectPause))
	err = retry.Do(ctx, backoff, func(ctx context.Context) error {
		if conn, err = c.Connector.Connect(ctx); tooMany(err) {
			return retry.RetryableError(err)
		}
		return err
	})
	return conn, err
}

// tooMany tells whether the server has no further connection for the account.
func tooMany(err error) bool { return slices.Contains(mysqldb.TooMany, mysqldb.Number(err)) }

func address(db config.Database) string { return net.JoinHostPort(db.Host, strconv.Itoa(db.Port)) }

// session takes one connection out of the pool for good.
func session(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	// Reads in this mode take no locks, also those of INSERT … SELECT.
	if _, err := conn.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

// warnPlain says so when encryption was wished for and not had.
func (l *loader) warnPlain(ctx context.Context, db config.Database) error {
	if db.TLS != "preferred" {
		return nil
	}
	var name, cipher string
	if err := l.conn.QueryRowContext(ctx, "SHOW STATUS LIKE 'Ssl_cipher'").Scan(&name, &cipher); err != nil {
		return fmt.Errorf("ask for encryption: %w", err)
	}
	if cipher == "" {
		l.Log.WarnContext(ctx, "the connection to the database is not encrypted: the server offers no TLS; set INVENTORY_DB.tls to false to stop this warning, or to true to insist",
			"server", address(db))
	}
	return nil
}

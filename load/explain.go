package load

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Error numbers that MySQL and MariaDB share, but for the local_infile ones.
const (
	errTooManyConnections  = 1040
	errAccessDenied        = 1044 // to the database
	errPasswordDenied      = 1045
	errUnknownDatabase     = 1049
	errCommandDenied       = 1142
	errColumnDenied        = 1143
	errRoutineDenied       = 1370
	errNeedsPrivilege      = 1227
	errDiskFull            = 1021
	errTableFull           = 1114
	errStorageEngine       = 1030
	errOption              = 1290 // such as --read-only
	errReadOnly            = 1836
	errShutdown            = 1053
	errKilled              = 1317
	errUserLimit           = 1203
	errLockWait            = 1205
	errDeadlock            = 1213
	errDuplicate           = 1062
	errParentReferenced    = 1451
	errParentMissing       = 1452
	errWriteFile           = 3
	errOnWrite             = 1026
	errStatementBinlog     = 1665
	errNotUTF8             = 1300
	errLocalInfile56       = 1148
	errLocalInfileMySQL    = 3948
	errLocalInfileMariaDB  = 4166
	errStatementTimeout    = 1969 // MariaDB
	errExecutionTime       = 3024 // MySQL
	errUnknownColumn       = 1054
	errKeyColumn           = 1072
	errUnknownTable        = 1146
	errNoDefault           = 1364
	errSyntax              = 1064
	errConnectionKilled    = 1927 // MariaDB
	errTooManyUserSessions = 1226
)

// explain gives an error of the database its class and remedy.
func explain(ctx context.Context, db config.Database, err error) error {
	var classed *fault.Error
	var server *mysql.MySQLError
	var operation *net.OpError
	var network net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%w (%w)", ctx.Err(), err)
	case errors.As(err, &classed) || ctx.Err() != nil:
		return err
	case errors.As(err, &server):
		class, hint := advice(server, db)
		if class == fault.Defect {
			return err
		}
		return fault.New(class, hint, fmt.Errorf("MySQL server %s: %w", address(db), err))
	case errors.As(err, &certificate):
		return fault.New(fault.Config, "set INVENTORY_DB.tls to a file with the certificate of the server's CA, or to skip-verify (encrypted, but any server is believed) or false, or give the server a certificate that this machine trusts", err)
	case errors.As(err, &operation) && operation.Op == "dial":
		return fault.New(fault.Unavailable,
			fmt.Sprintf("start the MySQL server at %s, or set INVENTORY_DB.host and INVENTORY_DB.port; then run the same command again: what was there before is still in place", address(db)),
			fmt.Errorf("MySQL server %s: %w", address(db), err))
	case errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network):
		// Some servers end without a word when their disk is full.
		return fault.New(fault.Unavailable,
			fmt.Sprintf("look into the log of the MySQL server at %s: if its disk is full, free space on it; if it ended, start it; then run the same command again: what was there before is still in place", address(db)),
			fmt.Errorf("the connection to MySQL server %s broke: %w", address(db), err))
	case errors.Is(err, mysql.ErrPktTooLarge):
		return fault.New(fault.Config, "raise max_allowed_packet at the server, to 16M or more", err)
	case errors.Is(err, mysql.ErrNoTLS):
		return fault.New(fault.Config, "set INVENTORY_DB.tls to false or preferred, or switch TLS on at the server", err)
	}
	return err
}

func advice(e *mysql.MySQLError, db config.Database) (fault.Class, string) {
	switch e.Number {
	case errPasswordDenied:
		return fault.Permission, "check INVENTORY_DB.user and INVENTORY_DB.password, and from which hosts the server lets that user in"
	case errUnknownDatabase:
		return fault.Config, fmt.Sprintf("set INVENTORY_DB.dbname to a database of the server, or create it: CREATE DATABASE `%s` CHARACTER SET utf8mb4", db.Name)
	case errAccessDenied, errCommandDenied, errColumnDenied, errRoutineDenied, errNeedsPrivilege:
		return fault.Permission, fmt.Sprintf("let INVENTORY_DB.user create, alter, read and write tables: GRANT ALL PRIVILEGES ON `%s`.* TO '%s'", db.Name, db.User)
	case errStatementBinlog:
		return fault.Config, "set binlog_format to ROW or MIXED at the server: it cannot log statements of transactions that take no locks for reading"
	case errDiskFull, errTableFull, errStorageEngine, errWriteFile, errOnWrite:
		return fault.Unavailable, "free space on the database server, then run the same command again: what was there before is still in place"
	case errOption, errReadOnly:
		return fault.Unavailable, "set INVENTORY_DB.host to a server that takes writes: this one is read-only"
	case errLockWait:
		return fault.Temporary, "another program holds locks on the tables for long: run the same command again later"
	case errStatementTimeout, errExecutionTime:
		return fault.Config, "set max_statement_time (MariaDB) or max_execution_time (MySQL) to 0 at the server, or higher: a load has statements that take minutes; what was there before is still in place"
	case errUnknownColumn, errUnknownTable, errNoDefault:
		return fault.Config, "somebody changed the inventory's tables: put back what the error names, as the page on the tables (docs/data-model.md) has it; a column of your own needs a default or NULL"
	case errTooManyConnections, errUserLimit, errTooManyUserSessions, errDeadlock, errKilled, errConnectionKilled, errShutdown:
		return fault.Temporary, "run the same command again: what was there before is still in place"
	}
	return fault.Defect, ""
}

// errno returns the server's error number, or 0 for any other error.
func errno(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

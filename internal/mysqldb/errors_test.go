package mysqldb

import (
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Every number, known or not, has a class that is not a defect of this program, and a remedy without gaps.
func TestAdvice(t *testing.T) {
	server := Server{Address: "db.example.org:3306", Database: "inventory", User: "loader"}
	for n := range 10_000 {
		class, remedy := Advice(&mysql.MySQLError{Number: uint16(n), Message: "no"}, server)
		if class == fault.Defect || class == fault.OK || remedy == "" || strings.ContainsAny(remedy, "{}") {
			t.Errorf("error %d: class %s, remedy %q", n, class, remedy)
		}
	}
	for _, test := range []struct {
		number  uint16
		state   string
		message string
		class   fault.Class
		remedy  string
	}{
		{1045, "28000", "Access denied for user", fault.Permission, "INVENTORY_DB.password"},
		{3118, "HY000", "Access denied for user. Account is locked.", fault.Permission, "ALTER USER 'loader' ACCOUNT UNLOCK"},
		{4151, "HY000", "Access denied, this account is locked", fault.Permission, "ACCOUNT UNLOCK"},
		{1820, "HY000", "You must SET PASSWORD before executing this statement", fault.Permission, "expired"},
		{1862, "HY000", "Your password has expired", fault.Permission, "expired"},
		{3159, "HY000", "Connections using insecure transport are prohibited", fault.Config, "INVENTORY_DB.tls"},
		{9002, "28000", "SSL connection is required", fault.Config, "INVENTORY_DB.tls"},
		{1290, "HY000", "running with the --read-only option", fault.Unavailable, "takes writes"},
		{1290, "HY000", "running with the LOCK_WRITE_GROWTH option", fault.Unavailable, "free space"},
		{1290, "HY000", "running with the --skip-grant-tables option", fault.Config, "unset the option"},
		{1836, "HY000", "Running in read-only mode", fault.Unavailable, "takes writes"},
		{1792, "25006", "Cannot execute statement in a READ ONLY transaction", fault.Unavailable, "takes writes"},
		{1047, "08S01", "WSREP has not yet prepared node for application use", fault.Unavailable, "Galera"},
		{1047, "HY000", "Unsupported command", fault.Unavailable, "proxy"},
		{1105, "HY000", "Unknown error", fault.Unavailable, "error 1105"},
		{1129, "HY000", "Host is blocked because of many connection errors", fault.Unavailable, "flush-hosts"},
		{1206, "HY000", "The total number of locks exceeds the lock table size", fault.Unavailable, "innodb_buffer_pool_size"},
		{1226, "42000", "exceeded the 'max_user_connections' resource", fault.Unavailable, "2 connections"},
		{1226, "42000", "exceeded the 'max_queries_per_hour' resource", fault.Unavailable, "MAX_QUERIES_PER_HOUR"},
		{1235, "42000", "This version doesn't yet support", fault.Config, "MySQL 8.0"},
		{3098, "HY000", "does not comply with the requirements by an external plugin", fault.Config, "Group Replication"},
		{3101, "40000", "Plugin instructed the server to rollback", fault.Temporary, "again"},
		{1451, "23000", "a foreign key constraint fails", fault.Config, "foreign key"},
		{1833, "HY000", "Cannot change column", fault.Config, "foreign key"},
		{1347, "HY000", "is not BASE TABLE", fault.Config, "view"},
		{9006, "HY000", "locked to hostgroup", fault.Unavailable, "proxy"},
		{7777, "28ABC", "no", fault.Permission, "INVENTORY_DB.user"},
		{7777, "40001", "no", fault.Temporary, "again"},
		{7777, "23000", "no", fault.Data, "row"},
	} {
		e := &mysql.MySQLError{Number: test.number, Message: test.message}
		copy(e.SQLState[:], test.state)
		if class, remedy := Advice(e, server); class != test.class || !strings.Contains(remedy, test.remedy) {
			t.Errorf("%v: class %s, remedy %q; want %s, %q", e, class, remedy, test.class, test.remedy)
		}
	}
}

package mysqldb

import "github.com/tl-its-umich-edu/course-inventory/internal/fault"

// Numbers that decide what a load or a migration does next.
const (
	UnknownTable = 1146
	KeyColumn    = 1072
	Syntax       = 1064
	Duplicate    = 1062
	LockWait     = 1205
	Deadlock     = 1213

	NeedsPrivilege = 1227
	NoSuchView     = 1109 // of information_schema
	BusyView       = 1684 // a view, maybe of another database, is being changed while information_schema is read
)

// KeyInTheWay are the numbers of a column that cannot be changed because of a foreign key of its table or of another one.
var KeyInTheWay = []uint16{1832, 1833, 3780}

// Numbers of which some servers have two: the second comes where the account may not see the other table.
var (
	ParentMissing    = []uint16{1452, 1216}
	ParentReferenced = []uint16{1451, 1217}
)

// values are the numbers of a refused value.
var values = []uint16{1048, 1062, 1263, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 1690, 3140, 3141, 3819, 4025}

// ended are the numbers of a server, or a proxy, that ends a statement or a connection.
var ended = []uint16{1053, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 2006, 2013, 3169, 4031}

// TooMany are the numbers of a connection that is one too many: for the server, for all accounts, for this one.
var TooMany = []uint16{1040, 1203, 1226}

// advice is what numbers mean. The remedy may name {server}, {database}, {user} and {error}.
type advice struct {
	class   fault.Class
	numbers []uint16
	remedy  string
}

const (
	again    = "; then run the same command again: what was there before is still in place"
	readOnly = "set INVENTORY_DB.host to a server that takes writes: this one is read-only"
	tlsKey   = "set INVENTORY_DB.tls to preferred, true, or a file with the certificate of the server's CA: the server takes encrypted connections only"
	proxy    = "look at the proxy before the MySQL server {server}: it must keep one connection to the server for each of this program's, and pass every statement; or set INVENTORY_DB.host and INVENTORY_DB.port to the server itself" + again
	version  = "use MySQL 8.0, MariaDB 10.6 or a later one, and let no proxy before it refuse or change statements" + again
)

// wordings are numbers that mean several things, which only the text tells apart. The first that fits counts.
var wordings = []struct {
	advice
	words []string // in lower case
}{
	{advice{fault.Config, []uint16{1045, 1105, 3159, 9000, 9001, 9002}, tlsKey}, []string{"insecure transport", "ssl connection is required", "ssl is required"}},
	{advice{fault.Permission, []uint16{9000}, "let the firewall of the server at {server} admit this machine" + again}, []string{"not allowed"}},
	{advice{fault.Unavailable, []uint16{1290}, readOnly}, []string{"read-only", "read_only"}},
	{advice{fault.Unavailable, []uint16{1290}, "free space on the database server: it stopped writes because its disk is nearly full" + again}, []string{"lock_write_growth"}},
	{advice{fault.Unavailable, []uint16{1047}, "look at wsrep_cluster_status of {server}: this node is not in its Galera cluster; bring it back, or set INVENTORY_DB.host to another node" + again}, []string{"wsrep"}},
	{advice{fault.Unavailable, []uint16{1226}, "let {user} send as many statements an hour as a load needs (ALTER USER … WITH MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0)" + again}, []string{"per_hour", "max_questions", "max_updates", "max_queries", "max_connections_per"}},
}

// byNumber is what numbers of MySQL, MariaDB, Galera, Group Replication, managed servers and proxies mean.
var byNumber = []advice{
	// The account.
	{fault.Permission, []uint16{1045, 1698, 1873}, "check INVENTORY_DB.user and INVENTORY_DB.password, from which hosts the server lets that user in, and whether it demands TLS of it (INVENTORY_DB.tls)"},
	{fault.Permission, []uint16{3118, 3955, 4151}, "unlock the account of INVENTORY_DB.user at the server: ALTER USER '{user}' ACCOUNT UNLOCK"},
	{fault.Permission, []uint16{1820, 1862}, "the password of INVENTORY_DB.user has expired: give it a new one at the server (ALTER USER '{user}' IDENTIFIED BY …) and set INVENTORY_DB.password to it"},
	{fault.Permission, []uint16{1130}, "let the server at {server} admit INVENTORY_DB.user from this machine: CREATE USER '{user}'@'…'"},
	{fault.Permission, []uint16{1044, 1095, 1142, 1143, 1227, 1370, 1410}, "let INVENTORY_DB.user create, alter, read and write tables: GRANT ALL PRIVILEGES ON `{database}`.* TO '{user}'"},
	{fault.Permission, []uint16{1251, 1275, 1524}, "let INVENTORY_DB.user log in with caching_sha2_password or mysql_native_password: ALTER USER '{user}' IDENTIFIED WITH …"},
	{fault.Config, []uint16{3159, 9002}, tlsKey},
	{fault.Config, []uint16{1046, 1049, 1102}, "set INVENTORY_DB.dbname to a database of the server, or create it: CREATE DATABASE `{database}` CHARACTER SET utf8mb4"},

	// Limits of connections. A load needs two.
	{fault.Unavailable, []uint16{1203, 1226}, "let {user} have 2 connections at a time, or end other programs that use this account: ALTER USER … WITH MAX_USER_CONNECTIONS 2, or max_user_connections at the server" + again},
	{fault.Temporary, []uint16{1040}, "run the same command again later, or raise max_connections at the server: all of its connections are in use, and a load needs 2"},
	{fault.Unavailable, []uint16{1129}, "unblock this machine at the server: mariadb-admin flush-hosts, or TRUNCATE performance_schema.host_cache on MySQL, and raise max_connect_errors" + again},

	// The server takes no writes.
	{fault.Unavailable, []uint16{1792, 1836}, readOnly},
	{fault.Config, []uint16{1290}, "unset the option of the server {server} that the error names: it forbids what a load does"},
	{fault.Unavailable, []uint16{3, 5, 1021, 1026, 1030, 1114}, "free space on the database server" + again},
	{fault.Unavailable, []uint16{1037, 1038, 1041, 1135, 1206, 1436, 1637, 3019}, "give the MySQL server {server} more memory: the error names what ran out (1206: innodb_buffer_pool_size)" + again},
	{fault.Unavailable, []uint16{1034, 1035, 1194, 1195, 1877, 1932, 1812}, "repair the table that the error names: the log of the MySQL server {server} says what is wrong with it; or restore the database" + again},
	{fault.Unavailable, []uint16{1180, 3100}, "look into the log of the MySQL server {server}, and at its replication: it could not commit" + again},
	{fault.Config, []uint16{3098}, "look into the log of the MySQL server {server}: Group Replication refuses a table or a setting there; each table needs InnoDB and a primary key, and the server no SERIALIZABLE" + again},

	// Others are in the way.
	{fault.Temporary, []uint16{LockWait, 3572}, "another program holds locks on the tables for long: run the same command again later"},
	{fault.Temporary, []uint16{Deadlock, 1613, 1614, 1615, 3101}, "run the same command again: what was there before is still in place"},
	{fault.Temporary, ended, "run the same command again: what was there before is still in place; if it happens again, look into the log of the MySQL server {server} and of a proxy before it, and for limits on idle connections and on the time of statements"},
	{fault.Config, []uint16{1969, 3024}, "set max_statement_time (MariaDB) or max_execution_time (MySQL) to 0 at the server, or higher: a load has statements that take minutes; what was there before is still in place"},
	{fault.Unavailable, []uint16{1461}, "raise max_prepared_stmt_count at the server" + again},

	// The tables are not as this program made them.
	{fault.Config, []uint16{1051, 1054, 1091, 1136, KeyColumn, UnknownTable, 1176, 1364}, "somebody changed the inventory's tables: put back what the error names, as the page on the tables (docs/data-model.md) has it; a column of your own needs a default or NULL"},
	{fault.Config, []uint16{1347, 1356, 1394, 1288, 1471}, "somebody put a view in the place of a table of the inventory, or one of its views is broken: rename or drop what the error names" + again},
	{fault.Config, ParentReferenced, "a table that is not the inventory's refers to it by a foreign key, which the error names: give that ON DELETE CASCADE or SET NULL, or drop it" + again},
	{fault.Data, ParentMissing, "make the date again, or load all tables of the job together; nothing was loaded"},
	{fault.Config, []uint16{1005, 1215, 1553, 1822, 1823, 1824, 1825, 1826, 1828, 1829, 1830, 1832, 1833, 1834, 3730, 3780, 6125}, "drop the foreign key that the error names, if it is not the inventory's own, and put it back afterwards; else put the tables back as docs/data-model.md has them" + again},
	{fault.Config, []uint16{1336, 1415, 1422, 1442, 1644, 1646}, "a trigger on a table of the inventory gets in the way: drop it, or let it accept what the load writes" + again},
	{fault.Config, []uint16{1253, 1267, 1270, 1271}, "convert the columns that the error is about to one collation of utf8mb4" + again},
	{fault.Data, values, "correct the row where it comes from, or the model that makes it, then make the date again; nothing was loaded"},
	{fault.Data, []uint16{1300}, "correct the text where it comes from, then make the date again; nothing was loaded"},

	// Settings of the server.
	{fault.Config, []uint16{1153, 1301}, "raise max_allowed_packet at the server, to 16M or more" + again},
	{fault.Config, []uint16{1598, 1661, 1662, 1663, 1665}, "set binlog_format to ROW or MIXED at the server: it cannot log statements of transactions that take no locks for reading"},
	{fault.Config, []uint16{1785, 1786, 1787}, "use MySQL 8.0.21 or a later one, or set enforce_gtid_consistency to OFF at the server" + again},
	{fault.Config, []uint16{1418, 1419}, "set log_bin_trust_function_creators to 1 at the server" + again},
	{fault.Config, []uint16{3750}, "set sql_require_primary_key to OFF at the server for the time of the migrations" + again},
	{fault.Config, []uint16{1071, 1074, 1118, 1709}, "set innodb_default_row_format to DYNAMIC and innodb_page_size to 16k or more at the server: the table does not fit" + again},
	{fault.Config, []uint16{1115, 1193, 1231, 1235, 1238, 1273, 1286, 1289, 1295, 1305, 1149, Syntax, 3161}, version},
	{fault.Config, []uint16{1148, 3948, 4166}, "set local_infile = ON at the server {server}" + again},
	{fault.Unavailable, []uint16{1047}, version},
	{fault.Unavailable, []uint16{1568, 1679, 1694, 1766, 9000, 9001, 9003, 9004, 9005, 9006}, proxy},
}

// byState is what SQLSTATEs mean whose number nobody foresaw.
var byState = []struct {
	prefix string
	advice
}{
	{"08", advice{class: fault.Unavailable, remedy: "look after the MySQL server {server}, and a proxy before it" + again}},
	{"22", advice{class: fault.Data, remedy: "correct the row where it comes from, or the model that makes it, then make the date again; nothing was loaded"}},
	{"23", advice{class: fault.Data, remedy: "correct the row where it comes from, or the model that makes it, then make the date again; nothing was loaded"}},
	{"25006", advice{class: fault.Unavailable, remedy: readOnly}},
	{"28", advice{class: fault.Permission, remedy: "check INVENTORY_DB.user and INVENTORY_DB.password, and what the server demands of that account"}},
	{"40", advice{class: fault.Temporary, remedy: "run the same command again: what was there before is still in place"}},
	{"70100", advice{class: fault.Temporary, remedy: "run the same command again: what was there before is still in place"}},
}

// unforeseen is what is left: the server, or what lies before it, refuses.
var unforeseen = advice{class: fault.Unavailable, remedy: "look for {error} in the documentation and the log of the MySQL server {server}, or of the proxy before it" + again}

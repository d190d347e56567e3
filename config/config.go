// Package config reads and checks env.hjson, the one configuration file of all programs.
//
// Where a value comes from, the later winning over the earlier:
//
//  1. the default in env_schema.json;
//  2. the file: --config, else ENV_FILE (default env.hjson) in ENV_DIR (default config/secrets);
//  3. an environment variable named like a top-level key. It replaces the key's whole value,
//     an object too: JSON for objects, JSON or a comma-separated list for lists, else plain text;
//  4. KEY_FILE for a top-level KEY: the name of a file with what the variable KEY would hold.
//
// A secret may stay in a file of its own, which holds nothing else:
//
//   - in env.hjson, beside or in place of the key: CANVAS_TOKEN_FILE, API_CLIENT_SECRET_FILE,
//     kaltura_user_secret_FILE, password_FILE (relative to the folder of env.hjson);
//   - in the environment, winning over the file: CANVAS_TOKEN_FILE, API_CLIENT_SECRET_FILE,
//     KALTURA_USER_SECRET_FILE, UDW_PASSWORD_FILE, INVENTORY_DB_PASSWORD_FILE, LINEAGE_API_KEY_FILE,
//     ALERT_WEBHOOK_FILE.
//
// Empty environment variables, null and empty texts count as not given.
//
// [Load] checks the shape of everything and reports all mistakes at once. It does not insist on
// parts that a program may not use; a program names those with [Config.Require].
package config

import (
	"log/slog"
	"slices"
	"time"
)

// Config is a checked configuration with its defaults filled in.
type Config struct {
	Path     string   // the file it was read from
	Warnings []string // what is odd but not wrong, such as unknown keys; free of values

	LogLevel        slog.Level
	JobNames        []string // upper case, each once, in the order given
	CreateCSVs      bool     // also write the curated tables as CSV into data/
	MaxReqAttempts  int      // tries per request, the first included
	NumAsyncWorkers int      // requests in flight per source

	Canvas      Canvas
	MIVideo     MIVideo
	UDW         Database
	InventoryDB Database
	Lake        Lake
	Quality     Quality
	Metrics     Metrics
	Lineage     Lineage
	Alert       Alert

	redacted map[string]any
	origins  map[string]string
	given    map[string]bool // keys that have no default's value
}

// Canvas says what to read from Canvas and how to reach it. URLs end without a slash.
type Canvas struct {
	AccountID    int64
	TermIDs      []int64 // each once, in the order given
	AddCourseIDs []int64 // courses outside the terms that job CANVAS_LTI looks at too

	APIBaseURL          string // the gateway
	APIScopePrefix      string // path between APIBaseURL and Canvas' own path, without slashes around it
	APISubscriptionName string // OAuth scope
	APIClientID         string
	APIClientSecret     Secret
	TokenPath           string // token endpoint under APIBaseURL, without slashes around it

	URL     string // Canvas itself
	Token   Secret
	ZoomURL string

	GraphQLBatch int // courses per GraphQL request
}

// UsesGateway tells whether terms, courses and accounts are asked of the gateway.
func (c Canvas) UsesGateway() bool { return c.APIBaseURL != "" && c.APIClientID != "" }

// MIVideo says how to reach Kaltura and the UDP event store.
type MIVideo struct {
	DefaultLastTimestamp time.Time // start of the first interval, UTC

	UDPServiceAccountFile string   // absolute path of the key file
	UDPProject            string   // project that runs the queries; "" is the service account's own
	UDPTable              string   // project.dataset.table, or dataset.table
	UDPEdApps             []string // IRIs of the applications whose events count
	UDPLateDays           int      // days before the end of the last interval that are read again
	UDPMaxBytesBilled     int64    // per query; 0 sets no limit
	UDPEndpoint           string   // BigQuery REST of an emulator; "" is production
	UDPStorageEndpoint    string   // BigQuery Storage of an emulator, host:port; "" is production

	KalturaURL                  string
	KalturaPartnerID            int64
	KalturaUserSecret           Secret
	KalturaCategoriesFullNameIn string // full names of categories, with commas between them
	KalturaOverlapDays          int    // days before the end of the last interval that are read again
	KalturaFullDays             int    // days after which everything is read again
}

// Database says how to reach the warehouse (PostgreSQL protocol) or the inventory (MySQL).
type Database struct {
	Host     string
	Port     int
	Name     string
	User     string
	Password Secret

	SSLMode string // UDW only: disable, allow, prefer, require, verify-ca or verify-full
	Schema  string // UDW only: "" leaves the choice to the server's search path
	TLS     string // INVENTORY_DB only: true, false, skip-verify, preferred, or a file of CA certificates
}

// TLSFile returns the file of CA certificates that TLS names, "" if it is one of the driver's words.
func (d Database) TLSFile() string {
	if slices.Contains([]string{"", "true", "false", "skip-verify", "preferred"}, d.TLS) {
		return ""
	}
	return d.TLS
}

// Lake says where the lake is and what its clean-up keeps.
type Lake struct {
	URL       string // bucket URL; file:// ones hold an absolute path
	Retention Retention
}

// Retention is what `lake gc` keeps besides the newest snapshot of each table.
type Retention struct {
	Days      int  // the snapshots of the last days; 0 keeps all
	MonthEnds bool // the last snapshot of each month
	TermEnds  bool // the last snapshot before each term's end
}

// Quality holds the limits of the gates.
type Quality struct {
	MaxDrop           float64       // share of rows that a table may lose against the previous snapshot, 0 to 1
	MaxMissingCourses int           // courses, accounts and terms of Canvas a run may miss
	MaxWarehouseAge   time.Duration // age of the warehouse's copy of Canvas from which on it is warned of
}

// Metrics says where the figures of runs go, for Prometheus. Both places may be given.
type Metrics struct {
	TextfileDir string // absolute path of a directory for node_exporter's textfile collector
	Pushgateway string // base URL of a Pushgateway
}

// Lineage says where OpenLineage events of runs go. Both places may be given.
type Lineage struct {
	Lake   bool   // into the lake, below _lineage/
	URL    string // endpoint that takes an event by POST
	APIKey Secret // bearer token for the endpoint
}

// Alert says who is told of a failed run.
type Alert struct {
	Webhook Secret // URL that takes the alert by POST; such URLs often hold a token
}

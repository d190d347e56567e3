package config

import (
	"log/slog"
	"os"
	"strings"
	"time"
)

func (d *document) decode() *Config {
	top := section{doc: d, tree: d.tree}
	c := &Config{
		LogLevel:        level(top.text("LOG_LEVEL")),
		JobNames:        unique(top.texts("JOB_NAMES")),
		CreateCSVs:      top.yes("CREATE_CSVS"),
		MaxReqAttempts:  int(top.integer("MAX_REQ_ATTEMPTS")),
		NumAsyncWorkers: int(top.integer("NUM_ASYNC_WORKERS")),
		Canvas:          d.canvas(),
		MIVideo:         d.mivideo(),
		UDW:             d.database("UDW"),
		InventoryDB:     d.database("INVENTORY_DB"),
	}
	lake := d.section("LAKE", d.tree)
	keep := d.section("retention", lake.tree)
	c.Lake = Lake{URL: lake.bucket("url"), Retention: Retention{
		Days: int(keep.integer("days")), MonthEnds: keep.yes("month_ends"), TermEnds: keep.yes("term_ends"),
	}}
	quality := d.section("QUALITY", d.tree)
	c.Quality = Quality{
		MaxDrop: quality.float("max_drop"), MaxMissingCourses: int(quality.integer("max_missing_courses")),
		MaxWarehouseAge: time.Duration(quality.integer("max_warehouse_hours")) * time.Hour,
	}
	c.Metrics, c.Lineage, c.Alert = d.metrics(), d.lineage(), d.alert()
	return c
}

func (d *document) metrics() Metrics {
	s := d.section("METRICS", d.tree)
	m := Metrics{TextfileDir: s.text("textfile_dir"), Pushgateway: s.url("pushgateway")}
	if m.TextfileDir != "" {
		m.TextfileDir = absolute(d.fileDir, m.TextfileDir)
		if info, err := os.Stat(m.TextfileDir); err != nil || !info.IsDir() {
			d.odd("METRICS.textfile_dir", "there is no directory %s", m.TextfileDir)
		}
	}
	return m
}

func (d *document) lineage() Lineage {
	s := d.section("LINEAGE", d.tree)
	return Lineage{Lake: s.yes("lake"), URL: s.url("url"), APIKey: Secret(s.text("api_key"))}
}

func (d *document) alert() Alert {
	return Alert{Webhook: d.section("ALERT", d.tree).secretURL("webhook")}
}

func (d *document) canvas() Canvas {
	s := d.section("CANVAS", d.tree)
	return Canvas{
		AccountID:           s.integer("CANVAS_ACCOUNT_ID"),
		TermIDs:             unique(s.integers("CANVAS_TERM_IDS")),
		AddCourseIDs:        unique(s.integers("ADD_COURSE_IDS")),
		APIBaseURL:          s.url("API_BASE_URL"),
		APIScopePrefix:      strings.Trim(s.text("API_SCOPE_PREFIX"), "/"),
		APISubscriptionName: s.text("API_SUBSCRIPTION_NAME"),
		APIClientID:         s.text("API_CLIENT_ID"),
		APIClientSecret:     Secret(s.text("API_CLIENT_SECRET")),
		TokenPath:           strings.Trim(s.text("API_TOKEN_PATH"), "/"),
		URL:                 s.url("CANVAS_URL"),
		Token:               Secret(s.text("CANVAS_TOKEN")),
		ZoomURL:             s.url("ZOOM_URL"),
		GraphQLBatch:        int(s.integer("GRAPHQL_BATCH")),
	}
}

func (d *document) mivideo() MIVideo {
	s := d.section("MIVIDEO", d.tree)
	m := MIVideo{
		DefaultLastTimestamp:        s.time("default_last_timestamp"),
		UDPServiceAccountFile:       s.text("udp_service_account_json_filename"),
		UDPProject:                  s.text("udp_project"),
		UDPTable:                    s.text("udp_table"),
		UDPEdApps:                   unique(s.texts("udp_ed_apps")),
		UDPLateDays:                 int(s.integer("udp_late_days")),
		UDPMaxBytesBilled:           s.integer("udp_max_bytes_billed"),
		UDPEndpoint:                 s.url("udp_endpoint"),
		UDPStorageEndpoint:          s.text("udp_storage_endpoint"),
		KalturaURL:                  s.url("kaltura_url"),
		KalturaPartnerID:            s.integer("kaltura_partner_id"),
		KalturaUserSecret:           Secret(s.text("kaltura_user_secret")),
		KalturaCategoriesFullNameIn: s.text("kaltura_categories_full_name_in"),
		KalturaOverlapDays:          int(s.integer("kaltura_overlap_days")),
		KalturaFullDays:             int(s.integer("kaltura_full_days")),
	}
	if m.UDPServiceAccountFile != "" {
		m.UDPServiceAccountFile = absolute(d.fileDir, m.UDPServiceAccountFile)
	}
	return m
}

func (d *document) database(name string) Database {
	s := d.section(name, d.tree)
	return Database{
		Host:     s.text("host"),
		Port:     s.port("port"),
		Name:     s.text("dbname"),
		User:     s.text("user"),
		Password: Secret(s.text("password")),
		SSLMode:  s.text("sslmode"),
		Schema:   s.text("schema"),
		TLS:      s.text("tls"),
	}
}

// level maps the names of the original's logging library to those of slog.
func level(name string) slog.Level {
	switch name {
	case "DEBUG", "NOTSET":
		return slog.LevelDebug
	case "WARNING", "WARN":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	case "CRITICAL", "FATAL":
		return slog.LevelError + 4
	default:
		return slog.LevelInfo
	}
}

package migrations

import (
	"context"
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// Connections that may hold a table: those in a transaction, and those that run a statement in this database.
const (
	readersQuery = `SELECT p.id, p.user, p.host, p.time, t.trx_id IS NOT NULL
		FROM information_schema.processlist AS p
		LEFT JOIN information_schema.innodb_trx AS t ON t.trx_mysql_thread_id = p.id
		WHERE p.id <> CONNECTION_ID() AND COALESCE(p.state, '') NOT LIKE 'Waiting for table metadata lock%'
			AND (t.trx_id IS NOT NULL OR p.db = DATABASE() AND p.command NOT IN ('Sleep', 'Daemon'))
		ORDER BY p.time DESC LIMIT 5`

	// Without the right PROCESS only one's own connections can be seen, and not their transactions.
	ownReadersQuery = `SELECT p.id, p.user, p.host, p.time, FALSE
		FROM information_schema.processlist AS p
		WHERE p.id <> CONNECTION_ID() AND COALESCE(p.state, '') NOT LIKE 'Waiting for table metadata lock%'
			AND p.db = DATABASE() AND p.command NOT IN ('Sleep', 'Daemon')
		ORDER BY p.time DESC LIMIT 5`
)

// readers names the connections that may hold a table.
func readers(ctx context.Context, db querier) ([]string, error) {
	rows, err := db.QueryContext(ctx, readersQuery)
	if mysqldb.Number(err) == mysqldb.NeedsPrivilege {
		rows, err = db.QueryContext(ctx, ownReadersQuery)
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var id int64
		var user, host string
		var seconds float64
		var inside bool
		if err := rows.Scan(&id, &user, &host, &seconds, &inside); err != nil {
			return nil, err
		}
		text := fmt.Sprintf("connection %d of %s@%s for %.0f s", id, user, host, seconds)
		if inside {
			text += ", in a transaction"
		}
		found = append(found, text)
	}
	return found, rows.Err()
}

// readers says who may be in the way, for people.
func (r *runner) readers(ctx context.Context) string {
	found, err := readers(ctx, r.conn)
	if err != nil || len(found) == 0 {
		return "unknown: INVENTORY_DB.user lacks the right PROCESS, or they have just ended"
	}
	return strings.Join(found, "; ")
}

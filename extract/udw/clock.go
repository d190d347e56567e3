package udw

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// checkClock compares this program's clock with the server's. A simulated clock is not compared: the server behind a simulated
// warehouse is a real one, with the real time.
func (w *warehouse) checkClock(ctx context.Context, conn *session) error {
	if !w.clock.Compared || w.clock.Simulated {
		return nil
	}
	asked := w.clock.Time()
	var theirs time.Time
	for seconds, err := range query(ctx, w, conn, "SELECT CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)", scanSeconds) {
		if err != nil {
			return err
		}
		theirs = time.Unix(seconds, 0)
	}
	if theirs.IsZero() {
		return fault.New(fault.Data, "ask Unizin what kind of server answers", errors.New("warehouse: the server does not tell its time"))
	}
	if err := w.clock.Agree(theirs, asked.Add(-time.Second)); err != nil { // the seconds are rounded
		return fmt.Errorf("warehouse: %w", err)
	}
	return nil
}

func scanSeconds(row *record) (seconds int64, err error) {
	err = row.Scan(&seconds)
	return seconds, err
}

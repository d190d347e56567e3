package kaltura

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// script answers session.start with a session and media.list with the given answers, the last one for ever.
func script(answers ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/session/") {
			fmt.Fprint(w, `"s3ss10n"`)
			return
		}
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		fmt.Fprint(w, answer)
	})
}

func exception(code, message string) string {
	return fmt.Sprintf(`{"code":%q,"message":%q,"objectType":"KalturaAPIException","args":[]}`, code, message)
}

const (
	one   = `{"totalCount":3,"objects":[{"id":"1_a","createdAt":1788220800}]}`
	two   = `{"totalCount":3,"objects":[{"id":"1_a","createdAt":1788220800},{"id":"1_b","createdAt":1788220800}]}`
	three = `{"totalCount":3,"objects":[{"id":"1_a","createdAt":1788220800},{"id":"1_b","createdAt":1788220800},{"id":"1_c","createdAt":1788220800}]}`
	none  = `{"totalCount":0,"objects":[],"objectType":"KalturaMediaListResponse"}`
)

func TestErrors(t *testing.T) {
	expired := exception("INVALID_KS", `Invalid KS "s3ss10n", Error "-5,EXPIRED"`)
	for name, tc := range map[string]struct {
		answers []string
		class   fault.Class
		text    string // of error or hint
		noTimes int    // requests at most
	}{
		"passing error":           {[]string{exception("INTERNAL_SERVERL_ERROR", "x"), none}, fault.OK, "", 3},
		"passing error for ever":  {[]string{exception("INTERNAL_DATABASE_ERROR", "x")}, fault.Unavailable, "INTERNAL_DATABASE_ERROR", 4},
		"empty answer":            {[]string{"", none}, fault.OK, "", 3},
		"torn answer":             {[]string{none[:20], none}, fault.OK, "", 3},
		"session ended":           {[]string{expired, none}, fault.OK, "", 4},
		"session ends every time": {[]string{expired}, fault.Permission, "kaltura_user_secret", 4},
		"other partner's session": {[]string{exception("INVALID_KS", `Invalid KS "s3ss10n", Error "-2,INVALID_PARTNER"`)}, fault.Permission, "INVALID_PARTNER", 2},
		"forbidden":               {[]string{exception("SERVICE_FORBIDDEN", "no access")}, fault.Permission, "kaltura_partner_id", 2},
		"no such service":         {[]string{exception("SERVICE_DOES_NOT_EXISTS", "no")}, fault.Config, "kaltura_url", 2},
		"unknown error":           {[]string{exception("PROPERTY_VALIDATION_X", "what")}, fault.Data, "PROPERTY_VALIDATION_X: what", 2},
		"blocked, as text":        {[]string{"Access to media->list was rate limited", none}, fault.OK, "", 3},
		"blocked, as JSON text":   {[]string{`"Access to media->list was rate limited"`, none}, fault.OK, "", 3},
		"blocked":                 {[]string{exception("ACTION_BLOCKED", "blocked"), none}, fault.OK, "", 3},
		"no count":                {[]string{`{"objects":[]}`}, fault.Data, "totalCount: missing", 4},
		"more than the count":     {[]string{`{"totalCount":0,"objects":[{"id":"1_a","createdAt":1788220800}]}`}, fault.Data, "1 of totalCount 0", 4},
		"less than the count":     {[]string{`{"totalCount":7,"objects":[]}`}, fault.Data, "0 of totalCount 7", 4},
		"too early":               {[]string{`{"totalCount":1,"objects":[{"id":"1_a","createdAt":1788220799}]}`}, fault.Data, "out of order", 4},
		"too late":                {[]string{`{"totalCount":1,"objects":[{"id":"1_a","createdAt":1799999999}]}`}, fault.Data, "after the end", 4},
		"an entry is never given": {slices.Repeat([]string{two, none, one}, 3), fault.Unavailable, "counts 3 entries before and 3 after, but gave 2", 10},
		"given the second time":   {[]string{two, none, one, three}, fault.OK, "", 5},
		"an entry went":           {[]string{two, none, `{"totalCount":2,"objects":[{"id":"1_a","createdAt":1788220800}]}`}, fault.OK, "", 4},
		"same page again":         {[]string{`{"totalCount":9,"objects":[{"id":"1_a","createdAt":1788220800}]}`}, fault.Unavailable, "same entries again", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil, nil)
			w.serve(t, script(tc.answers...))
			l := extracttest.Lake(t)
			_, err := w.run(t, l, nil)
			w.verdict(t, l, err, tc.class, tc.text)
			if len(w.bodies) > tc.noTimes {
				t.Errorf("%d requests, want %d at most", len(w.bodies), tc.noTimes)
			}
		})
	}
}

// verdict checks an error: its class, that it or its remedy names something, that it shows no
// secret, and that nothing was committed.
func (w *world) verdict(t *testing.T, l *lake.Lake, err error, class fault.Class, text string) {
	t.Helper()
	all := fmt.Sprintf("%v\n%s\n%s", err, fault.HintOf(err), w.log.String())
	switch {
	case fault.ClassOf(err) != class:
		t.Errorf("class %v of %v, want %v", fault.ClassOf(err), err, class)
	case !strings.Contains(all, text):
		t.Errorf("no %q in %s", text, all)
	case strings.Contains(all, secret) || strings.Contains(all, "s3ss10n"):
		t.Errorf("a secret shows: %s", all)
	}
	if dates, listErr := l.Dates(t.Context(), "raw/kaltura/media"); err != nil && (listErr != nil || len(dates) > 0) {
		t.Errorf("committed: %v, %v", dates, listErr)
	}
}

func TestWrongConfiguration(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*config.MIVideo)
		class  fault.Class
		text   string
	}{
		"secret":             {func(m *config.MIVideo) { m.KalturaUserSecret = "wrong-hunter2" }, fault.Permission, "MIVIDEO.kaltura_user_secret"},
		"partner":            {func(m *config.MIVideo) { m.KalturaPartnerID = 7 }, fault.Permission, "MIVIDEO.kaltura_partner_id"},
		"interval in future": {func(m *config.MIVideo) { m.DefaultLastTimestamp = now }, fault.Usage, "MIVIDEO.default_last_timestamp"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, []campus.Entry{clip("1_a", 0)}, nil)
			tc.change(&w.cfg.MIVideo)
			l := extracttest.Lake(t)
			_, err := w.run(t, l, nil)
			w.verdict(t, l, err, tc.class, tc.text)
		})
	}
	w := newWorld(t, nil, nil)
	w.serve(t, http.NotFoundHandler())
	l := extracttest.Lake(t)
	_, err := w.run(t, l, nil)
	w.verdict(t, l, err, fault.Config, "MIVIDEO.kaltura_url")
}

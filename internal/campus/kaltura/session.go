package kaltura

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// session is what a Kaltura session (KS) allows.
type session struct {
	expires time.Time
	calls   int
}

// start answers session.start: the KS itself, as text.
func (s *Server) start(p params) (any, *failure) {
	for _, name := range []string{"secret", "partnerId"} {
		if p.text(name) == "" {
			return nil, fail("MISSING_MANDATORY_PARAMETER", "Missing parameter \""+name+"\"", field{"PARAM", name})
		}
	}
	partner, _ := p.integer("partnerId")
	if partner != int64(s.o.PartnerID) || !hmac.Equal([]byte(p.text("secret")), []byte(s.o.Secret)) {
		return nil, fail("START_SESSION_ERROR", fmt.Sprintf("Error while starting session for partner [%d]", partner), field{"PID", p.text("partnerId")})
	}
	life := 24 * time.Hour
	if n, ok := p.integer("expiry"); ok && n > 0 {
		life = time.Duration(min(n, 10*365*86400)) * time.Second
	}
	if s.o.MaxExpiry > 0 {
		life = min(life, s.o.MaxExpiry)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started++
	ks := s.sign(s.started)
	s.sessions[ks] = &session{expires: s.o.Now().Add(life)}
	return ks, nil
}

// sign makes a KS: version and partner in front, then what nobody but the server can read.
func (s *Server) sign(n int) string {
	mac := hmac.New(sha256.New, []byte(s.o.Secret))
	fmt.Fprintf(mac, "%d|%d", s.o.PartnerID, n)
	return base64.URLEncoding.EncodeToString(append([]byte("v2|"+strconv.Itoa(s.o.PartnerID)+"|"), mac.Sum(nil)...))
}

// check says what is wrong with the KS of a call, and counts the call.
func (s *Server) check(p params) *failure {
	ks := p.text("ks")
	if ks == "" {
		return fail("MISSING_KS", "Missing KS, session not established")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	held, ok := s.sessions[ks]
	reason := ""
	switch plain, err := base64.URLEncoding.DecodeString(ks); {
	case err != nil || !strings.HasPrefix(string(plain), "v2|"):
		reason = "-1,INVALID_STR"
	case !strings.HasPrefix(string(plain), "v2|"+strconv.Itoa(s.o.PartnerID)+"|"):
		reason = "-2,INVALID_PARTNER"
	case !ok:
		reason = "-1,INVALID_STR"
	case !s.o.Now().Before(held.expires), s.o.ExpireAfter > 0 && held.calls >= s.o.ExpireAfter:
		reason = "-5,EXPIRED"
	}
	if reason != "" {
		return invalidSession(ks, reason)
	}
	held.calls++
	return nil
}

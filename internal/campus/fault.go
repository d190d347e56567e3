package campus

import (
	"hash/fnv"
	"net/http"
	"sync"
)

// kind is a way in which a request can go wrong.
type kind string

// What can be injected. The last four exist for GraphQL only; those of other services are in mivideo.go.
const (
	none           kind = ""
	faultJSON500   kind = "500"
	faultHTML502   kind = "502"
	fault503       kind = "503"
	faultReset     kind = "reset"     // the connection is torn before anything is sent
	faultTruncated kind = "truncated" // 200, but the JSON ends too early
	faultCut       kind = "cut"       // the connection is torn in the middle of the body
	faultLimit403  kind = "limit-403" // a refusal in the words of 2024
	faultLimit429  kind = "limit-429"
	faultHTML200   kind = "html-200" // a page instead of JSON
	faultStall     kind = "stall"    // nothing happens for some seconds
	faultPartial   kind = "graphql-partial"
	faultTimeout   kind = "graphql-timeout"
	faultNull      kind = "graphql-course-null"
	faultNoList    kind = "graphql-connection-null"
)

var (
	flakyKinds = []kind{
		faultJSON500, faultHTML502, fault503, faultReset, faultTruncated, faultCut, faultLimit403, faultLimit429,
	}
	hostileKinds = append([]kind{faultHTML200, faultStall}, flakyKinds...)
	graphqlKinds = []kind{faultPartial, faultTimeout, faultNull, faultNoList}
)

// faults decides which attempt of which request fails. The same request fails in the
// same way in every run of the same seed.
type faults struct {
	seed     uint64
	perMille uint64
	profile  Profile

	mu       sync.Mutex
	attempts map[uint64]uint8
}

func newFaults(o Options) *faults {
	f := &faults{seed: o.Seed, profile: o.Profile, attempts: map[uint64]uint8{}}
	switch o.Profile {
	case Flaky:
		f.perMille = 50
	case Hostile:
		f.perMille = 150
	}
	return f
}

func (f *faults) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.attempts)
}

// forgive counts a failure that a request met elsewhere as one of those planned for it.
func (f *faults) forgive(request string) {
	id := f.id(request)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attempts[id]++
}

// once returns true the first time that a hostile campus is asked about a name on a day.
func (f *faults) once(name string) bool {
	if f.profile != Hostile {
		return false
	}
	id := f.id("once " + name)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attempts[id]++
	return f.attempts[id] == 1
}

func (f *faults) id(request string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(request))
	return scramble(h.Sum64() ^ f.seed<<32)
}

// next returns what goes wrong with this attempt of a request, and a number to choose a
// victim by. At most two attempts of one request fail. Often multiplies how many requests
// fail. If the campus is hostile, own can go wrong too.
func (f *faults) next(request string, often uint64, own []kind) (kind, uint64) {
	if f.perMille == 0 {
		return none, 0
	}
	id := f.id(request)
	if id%1000 >= f.perMille*often {
		return none, 0
	}
	planned := uint8(1)
	if id>>20%10 < 3 {
		planned = 2
	}
	f.mu.Lock()
	attempt := f.attempts[id]
	if attempt < planned {
		f.attempts[id] = attempt + 1
	}
	f.mu.Unlock()
	if attempt >= planned {
		return none, 0
	}
	kinds := flakyKinds
	if f.profile == Hostile {
		kinds = hostileKinds
		if len(own) > 0 && id>>10%2 == 0 {
			kinds = own
		}
	}
	roll := scramble(id + uint64(attempt))
	return kinds[roll%uint64(len(kinds))], roll >> 8
}

func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// replacement returns what is sent instead of the true answer; nil if that is still needed.
func (k kind) replacement() *reply {
	switch k {
	case faultJSON500:
		return broken(http.StatusInternalServerError)
	case faultHTML502:
		return broken(http.StatusBadGateway)
	case fault503:
		return broken(http.StatusServiceUnavailable)
	case faultLimit403:
		return refused(http.StatusForbidden)
	case faultLimit429:
		return refused(http.StatusTooManyRequests)
	case faultHTML200:
		return textReply(http.StatusOK, "text/html", "<!DOCTYPE html><html><body>Canvas is being updated.</body></html>\n")
	}
	return nil
}

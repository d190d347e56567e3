package university

import "fmt"

// topic keeps hashes for different questions apart.
type topic uint64

const (
	topicCourseID topic = iota + 1
	topicSize
	topicRole
	topicTerm
	topicAccount
	topicSubject
	topicNumber
	topicTitle
	topicCreated
	topicPublish
	topicConclude
	topicRename
	topicSIS
	topicFlags
	topicSeatType
	topicSeatPeriod
	topicSeatPhase
	topicSeatGap
	topicSeatState
	topicSeatMiddle
	topicSeatSection
	topicUser
	topicActivity
	topicViews
	topicOrder
	topicStale
	topicEvent
	topicClock
	topicWarehouse
	topicWarehouseTime
	topicOrphan
)

// mix spreads x over all 64 bits (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hash answers question t about up to three numbers, always in the same way for one seed.
func (u *University) hash(t topic, a, b, c int) uint64 {
	x := mix(u.seed ^ uint64(t)<<56)
	x = mix(x ^ uint64(a))
	x = mix(x ^ uint64(b)<<1)
	return mix(x ^ uint64(c)<<2)
}

// pick returns a number in [0, n).
func (u *University) pick(n int, t topic, a, b, c int) int {
	return int(u.hash(t, a, b, c) % uint64(n))
}

// chance says yes in perMille of 1000 cases.
func (u *University) chance(perMille int, t topic, a, b, c int) bool {
	return u.pick(1000, t, a, b, c) < perMille
}

// uuid makes a name in the form of a random UUID out of two hashes.
func uuid(hi, lo uint64) string {
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x",
		hi>>32, hi>>16&0xffff, hi&0xfff, lo>>48&0x3fff|0x8000, lo&0xffffffffffff)
}

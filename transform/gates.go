package transform

import "slices"

// Gates returns the names of the quality gates that the set's snapshots are held to.
func (s Set) Gates() []string {
	var names []string
	for _, c := range slices.Concat(s.ownChecks(), s.Checks) {
		names = append(names, c.Name)
	}
	names = append(names, rowCount, sameRun)
	if s.Rejects {
		names = append(names, rowsRejected)
	}
	if s.OneEach != "" {
		names = append(names, rowsRepeated)
	}
	for _, r := range s.References {
		names = append(names, s.gate(r))
	}
	return names
}

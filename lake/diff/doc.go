// Package diff tells how two snapshots of a table differ: which rows came, which went, and which changed in what.
//
// Both are sorted by the table's key, so one pass over both side by side finds it, in the memory of a few column
// pages, without an engine:
//
//	d, err := diff.Snapshots(lk, yesterday, today, diff.Options{})
//	…
//	for c, err := range d.Changes(ctx) {
//		…
//	}
//	fmt.Println(d.Counts)
//
// Columns are compared by their names. One that only one of the snapshots has, or that has another type in the other, is told
// ([Diff.Gained], [Diff.Lost]) and makes no row differ. Rows that are not sorted or a key that stands twice are
// errors of class Data that name the file and the row.
package diff

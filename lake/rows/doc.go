// Package rows walks the rows of a snapshot column page by column page, without making a struct or a value of
// each of them. What it holds in memory is a page per column and open file, however many rows there are.
//
// Opened with a key, a [Reader] gives the rows of all files in the order of that key and makes sure that each
// file is sorted by it and that no key comes twice.
package rows

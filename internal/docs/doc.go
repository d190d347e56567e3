// Package docs keeps what docs/ says true. Its tests write the parts of it that follow from the code and the database (after a change,
// `go generate ./internal/docs`), and fail when those parts, the comments in MySQL and the descriptions in the lake tell different things,
// when an exit code or a gate has no section in the runbook, or when a link leads nowhere.
package docs

//go:generate go test . -update

// Package mysqldb holds what the load and the migrations share about MySQL and MariaDB servers: what an
// error of theirs means, and locks that a server keeps for a connection.
package mysqldb

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Server is what a remedy names of a server and of the account on it.
type Server struct {
	Address  string // host and port
	Database string
	User     string
}

// Number returns the server's error number, or 0 for any other error.
func Number(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// RolledBack tells whether the server rolled the transaction back because of others, so that the same
// transaction may well succeed now: error numbers that say so, and the SQLSTATEs of class 40.
func RolledBack(err error) bool {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return false
	}
	return e.Number == Deadlock || e.Number == LockWait || strings.HasPrefix(state(e), "40")
}

// Ended tells whether the server ended the statement or the connection, so that what became of a COMMIT
// is not known.
func Ended(err error) bool { return slices.Contains(ended, Number(err)) }

// RefusesValue tells whether the server refused a value of a row rather than the statement.
func RefusesValue(err error) bool { return slices.Contains(values, Number(err)) }

// Advice returns the class of an error of the server and what to do about it, which is never empty.
// An error that nobody foresaw is classed by its SQLSTATE; it is never taken for a defect of this program,
// because proxies and managed servers send numbers of their own.
func Advice(e *mysql.MySQLError, s Server) (fault.Class, string) {
	a := advise(e)
	remedy := strings.NewReplacer("{server}", s.Address, "{database}", s.Database, "{user}", s.User,
		"{error}", fmt.Sprintf("error %d", e.Number)).Replace(a.remedy)
	return a.class, remedy
}

func advise(e *mysql.MySQLError) advice {
	for _, w := range wordings {
		if slices.Contains(w.numbers, e.Number) && containsAny(e.Message, w.words) {
			return w.advice
		}
	}
	for _, a := range byNumber {
		if slices.Contains(a.numbers, e.Number) {
			return a
		}
	}
	for _, a := range byState {
		if strings.HasPrefix(state(e), a.prefix) {
			return a.advice
		}
	}
	return unforeseen
}

func containsAny(text string, words []string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// state returns the five characters of an error's SQLSTATE, or "" where the server sent none.
func state(e *mysql.MySQLError) string { return strings.TrimRight(string(e.SQLState[:]), "\x00") }

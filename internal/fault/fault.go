// Package fault classifies errors by what an operator or a scheduler should do about them.
//
// The class of an error is the exit code of the program that ends with it. Code that
// knows why something went wrong attaches the class and, where there is one, a remedy;
// everything above only wraps. An error without a class is a defect of this program.
package fault

import (
	"context"
	"errors"
)

// Class says what kind of trouble an error is. Its value is the process exit code.
type Class int

// The classes, numbered after BSD's sysexits.
const (
	OK          Class = 0   // no error
	Defect      Class = 1   // a mistake in this program
	Usage       Class = 64  // wrong flags or arguments
	Data        Class = 65  // bad data, or a quality gate that failed
	Unavailable Class = 69  // a source or server is down or does not hold what is asked
	Temporary   Class = 75  // passing trouble: the same command may simply be run again
	Permission  Class = 77  // a credential is wrong or lacks a right
	Config      Class = 78  // the configuration is missing or wrong
	Interrupted Class = 130 // stopped by the user or the system before the end
)

// String returns the class in the words used in logs and manifests.
func (c Class) String() string {
	switch c {
	case OK:
		return "ok"
	case Usage:
		return "usage"
	case Data:
		return "data"
	case Unavailable:
		return "unavailable"
	case Temporary:
		return "temporary"
	case Permission:
		return "permission"
	case Config:
		return "configuration"
	case Interrupted:
		return "interrupted"
	default:
		return "defect"
	}
}

// Error is an error with its class and the remedy to show to the operator.
type Error struct {
	Class Class
	Hint  string // what to do about it, a sentence; may be empty
	Err   error
}

// Error returns the text of the wrapped error, without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// New gives err a class and a hint. It returns nil for a nil err.
func New(class Class, hint string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Class: class, Hint: hint, Err: err}
}

// ClassOf returns the class of err: that of the outermost [Error] in its chain,
// [Interrupted] where a cancelled context is the cause, else [Defect].
func ClassOf(err error) Class {
	var e *Error
	switch {
	case err == nil:
		return OK
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.As(err, &e):
		return e.Class
	case errors.Is(err, context.DeadlineExceeded):
		return Temporary
	default:
		return Defect
	}
}

// HintOf returns the outermost hint in err's chain that is not empty.
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

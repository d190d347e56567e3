package fault

import (
	"errors"
	"strings"
)

// Of names what err is about, such as a job, in its text and in [Remedies]. It returns nil for a nil err.
func Of(subject string, err error) error {
	if err == nil {
		return nil
	}
	return &about{subject, err}
}

// about is an error of one of several things that a program works on.
type about struct {
	subject string
	err     error
}

func (a *about) Error() string { return a.subject + ": " + a.err.Error() }
func (a *about) Unwrap() error { return a.err }

// Remedies returns what to do about err: the remedy of each error that [errors.Join] put into it, in
// order. Where there are several, each begins with the subject that [Of] gave its error.
func Remedies(err error) []string {
	all := joined(err)
	var remedies []string
	for _, one := range all {
		remedy := HintOf(one)
		if remedy == "" {
			continue
		}
		var a *about
		if len(all) > 1 && errors.As(one, &a) {
			remedy = a.subject + ": " + remedy
		}
		remedies = append(remedies, remedy)
	}
	return remedies
}

// joined returns the errors that errors.Join put together, and those that it put into those.
func joined(err error) []error {
	many, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // errors.As would lose what wraps the joined errors
	if !ok {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	var texts []string
	for _, one := range many.Unwrap() {
		texts = append(texts, one.Error())
		all = append(all, joined(one)...)
	}
	if err.Error() != strings.Join(texts, "\n") { // an error with a text of its own, as fmt.Errorf makes
		return []error{err}
	}
	return all
}

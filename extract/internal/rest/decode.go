package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Do sends a request and decodes the JSON of its answer. check, which may be nil, says what is
// wrong with the value, see [Shapef]; a value that does not pass is asked for again like a torn one.
func Do[T any](ctx context.Context, c *Client, r Request, check func(*T) error) (T, error) {
	var value T
	err := c.do(ctx, r, func(a Answer) (err error) {
		value, err = decode(a, check)
		return err
	})
	return value, err
}

// follow checks where a next link points.
func (c *Client) follow(r Request, next string) (*url.URL, error) {
	trouble := func(class fault.Class, hint, text string) error {
		return fault.New(class, hint, fmt.Errorf("%s: %s /%s: %s", c.Service, r.method(), r.Path, text))
	}
	link, err := c.base.Parse(next)
	if err != nil {
		return nil, trouble(fault.Data, "", "its next link is no URL")
	}
	if !c.QueryOnlyLinks && (link.Host != c.base.Host || link.Scheme != c.base.Scheme) {
		return nil, trouble(fault.Config, fmt.Sprintf("set %s to the address that the server itself uses; the token is sent to no other", c.BaseKey),
			fmt.Sprintf("its next link points to %s://%s instead of %s://%s", link.Scheme, link.Host, c.base.Scheme, c.base.Host))
	}
	link.User, link.Fragment = nil, ""
	return link, nil
}

func decode[T any](a Answer, check func(*T) error) (T, error) {
	var value, zero T
	if err := json.Unmarshal(a.Body, &value); err != nil {
		return zero, undecodable(a, err)
	}
	if string(bytes.TrimSpace(a.Body)) == "null" {
		return zero, Shapef("answer: null instead of a value")
	}
	if check != nil {
		if err := check(&value); err != nil {
			return zero, err
		}
	}
	return value, nil
}

// jsonName returns JSON's word for what decodes into a kind.
func jsonName(k reflect.Kind) string {
	switch k {
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	default:
		return "number"
	}
}

// undecodable tells torn or foreign text from JSON of another shape.
func undecodable(a Answer, err error) error {
	var typ *json.UnmarshalTypeError
	page := pageIn(a)
	switch {
	case page != nil:
		return page
	case len(a.Body) == 0:
		return errors.New("an empty answer instead of JSON")
	case errors.As(err, &typ):
		field := strings.TrimPrefix(typ.Field, ".")
		if field == "" {
			field = "answer"
		}
		return Shapef("%s: %s instead of %s", field, typ.Value, jsonName(typ.Type.Kind()))
	case !json.Valid(a.Body):
		return fmt.Errorf("answer of %d bytes is not whole JSON: %w", len(a.Body), err)
	default: // from a type's own UnmarshalJSON
		return Shapef("answer: %s", Clean(err.Error(), ""))
	}
}

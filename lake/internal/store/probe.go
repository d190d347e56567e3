package store

import (
	"context"
	"errors"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// ProbeArea begins the keys of objects that are there to find out what a store does.
const ProbeArea = "_probe/"

// proofKey is created by the first that writes to a bucket and stays: whoever creates it again must be refused.
const proofKey = ProbeArea + "created-once"

var proofText = []byte("This object proves that the store refuses to create an object twice, on which the lake's commits rest. It may stay.\n")

// ErrForgetful says that a store replaces an object that it was told to create.
var ErrForgetful = fault.New(fault.Config,
	"use a store with conditional writes, or a newer version of this one (docs/stores.md): without, two runs at once can overwrite each other's snapshots",
	errors.New("the store ignores conditional writes (If-None-Match: *): it created an object twice"))

// prove makes sure that the store honours conditional writes: one request per opened bucket, two in a new one.
func (b Bucket) prove(ctx context.Context) error {
	if b.proven == nil || b.proven.Load() {
		return nil
	}
	for range 2 {
		err := b.create(ctx, proofKey, proofText)
		if errors.Is(err, ErrExists) {
			b.proven.Store(true)
			return nil
		}
		if err != nil {
			return nil // not known; if something is wrong, the object proper tells it better
		}
	}
	return ErrForgetful
}

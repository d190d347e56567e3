package upkeep

import (
	"context"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// inputs checks that what a snapshot was made from is still there, unchanged. Without that the date cannot be made again.
func (v *verifier) inputs(ctx context.Context, s *lake.Snapshot) error {
	for _, in := range s.Inputs {
		sum, err := v.digest(ctx, in.Path)
		place := lake.PlaceOf(in.Path)
		switch {
		case place.Kind != lake.ManifestObject:
			v.found.add(damage("input", s.Path, s.Table, s.Date, "its input %s is no manifest", in.Path))
		case fault.ClassOf(err) == fault.Data:
			v.found.add(damage("input", in.Path, place.Table, place.Date, "it is an input of %s, and cannot be read: %s", s.Path, reason(in.Path, err)))
		case err != nil:
			return err
		case sum != in.SHA256:
			v.found.add(damage("input", in.Path, place.Table, place.Date, "it is an input of %s, which was made from other bytes: it has the SHA-256 digest %s, not %s", s.Path, short(sum), short(in.SHA256)))
		}
	}
	return nil
}

func short(digest string) string { return digest[:min(len(digest), 12)] + "…" }

// digest returns the digest of a manifest's bytes.
func (v *verifier) digest(ctx context.Context, key string) (string, error) {
	if sum, ok := v.digests.get(key); ok {
		return sum, nil
	}
	s, err := v.lake.Manifest(ctx, key)
	if err == nil {
		v.digests.set(key, s.SHA256)
	}
	return s.SHA256, err
}

// digests remembers the digests of manifests that were read.
type digests struct{ known sync.Map }

func (d *digests) get(key string) (string, bool) {
	sum, ok := d.known.Load(key)
	if !ok {
		return "", false
	}
	return sum.(string), true
}

func (d *digests) set(key, sum string) { d.known.Store(key, sum) }

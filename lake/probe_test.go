package lake_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"github.com/tl-its-umich-edu/course-inventory/internal/buckettest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

func TestProbe(t *testing.T) {
	for name, url := range map[string]func() string{
		"file":   func() string { return "file://" + t.TempDir() },
		"mem":    func() string { return "mem://" },
		"s3":     func() string { return buckettest.S3(t).URL },
		"a part": func() string { return buckettest.S3(t).URL + "&prefix=some/part/" },
		"gs":     func() string { return buckettest.GS(t).URL },
		"azblob": func() string { return buckettest.Azure(t).URL },
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, url())
			for range 2 {
				if err := l.Probe(t.Context()); err != nil {
					t.Errorf("%v (%s)", err, fault.HintOf(err))
				}
			}
		})
	}
}

// unfit is a store with one promise broken.
type unfit struct {
	store.Store
	create func(ctx context.Context, key string, data []byte) error
	open   func(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	list   func(ctx context.Context, prefix string, f func(store.Entry)) error
	stat   func(ctx context.Context, key string) (store.Entry, error)
	delete func(ctx context.Context, key string) error
}

func (u unfit) Create(ctx context.Context, key string, data []byte) error {
	return u.create(ctx, key, data)
}

func (u unfit) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	return u.open(ctx, key, offset, length)
}

func (u unfit) List(ctx context.Context, prefix string, f func(store.Entry)) error {
	return u.list(ctx, prefix, f)
}

func (u unfit) Stat(ctx context.Context, key string) (store.Entry, error) { return u.stat(ctx, key) }
func (u unfit) Delete(ctx context.Context, key string) error              { return u.delete(ctx, key) }

func TestProbeOfUnfitStore(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*unfit, store.Store)
		want  string
	}{
		"no conditional writes": {func(u *unfit, s store.Store) { u.create = s.Put }, "created an object twice"},
		"a race with many winners": {func(u *unfit, s store.Store) {
			u.create = func(ctx context.Context, key string, data []byte) error {
				if strings.HasSuffix(key, "at once") {
					return s.Put(ctx, key, data)
				}
				return s.Create(ctx, key, data)
			}
		}, "8 were told that they succeeded"},
		"ranges": {func(u *unfit, s store.Store) {
			u.open = func(ctx context.Context, key string, _, _ int64) (io.ReadCloser, error) {
				return s.Open(ctx, key, 0, -1)
			}
		}, "it ignores ranges"},
		"listings": {func(u *unfit, _ store.Store) {
			u.list = func(context.Context, string, func(store.Entry)) error { return nil }
		}, "it is not up to date"},
		"clock": {func(u *unfit, s store.Store) {
			u.stat = func(ctx context.Context, key string) (store.Entry, error) {
				e, err := s.Stat(ctx, key)
				e.ModTime = e.ModTime.Add(-time.Hour)
				return e, err
			}
		}, "clock differs from this machine's by 1h0m"},
		"deletes": {func(u *unfit, _ store.Store) {
			u.delete = func(context.Context, string) error { return nil }
		}, "is still there"},
	} {
		t.Run(name, func(t *testing.T) {
			s := store.Bucket{Bucket: memblob.OpenBucket(nil)}
			u := unfit{Store: s, create: s.Create, open: s.Open, list: s.List, stat: s.Stat, delete: s.Delete}
			c.spoil(&u, s)
			err := lake.New(u, "mem://").Probe(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || fault.ClassOf(err) != fault.Config || fault.HintOf(err) == "" {
				t.Errorf("%v (class %v, %q), want %q", err, fault.ClassOf(err), fault.HintOf(err), c.want)
			}
		})
	}
}

// Credentials that lack a right are told which.
func TestProbeWithoutRights(t *testing.T) {
	all := []string{"s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"}
	for i, missing := range all {
		t.Run(missing, func(t *testing.T) {
			var rest []string
			rest = append(append(rest, all[:i]...), all[i+1:]...)
			b := buckettest.S3Guest(t, rest...)
			b.Setenv(t)
			err := open(t, b.URL).Probe(t.Context())
			if fault.ClassOf(err) != fault.Permission || !strings.Contains(fault.HintOf(err), missing) || !strings.Contains(err.Error(), b.Name) {
				t.Errorf("%v (class %v, %q)", err, fault.ClassOf(err), fault.HintOf(err))
			}
		})
	}
	t.Run("all", func(t *testing.T) {
		b := buckettest.S3Guest(t, all...)
		b.Setenv(t)
		if err := open(t, b.URL).Probe(t.Context()); err != nil {
			t.Errorf("%v (%s)", err, fault.HintOf(err))
		}
	})
}

// The first commit on a bucket that would create its manifest twice fails before it wrote one.
func TestForgetfulBucket(t *testing.T) {
	l := open(t, forgetfulS3(t))
	err := l.Probe(t.Context())
	if fault.ClassOf(err) != fault.Config || !strings.Contains(err.Error(), "ignores conditional writes") {
		t.Errorf("%v (class %v)", err, fault.ClassOf(err))
	}
	_, err = commitOne(t.Context(), l)
	if fault.ClassOf(err) != fault.Config || !strings.Contains(fault.HintOf(err), "conditional writes") {
		t.Errorf("%v (class %v)", err, fault.ClassOf(err))
	}
}

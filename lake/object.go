package lake

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Object is an object of the lake's store, as a listing tells of it. What it is, [PlaceOf] its key says.
type Object struct {
	Key      string
	Bytes    int64
	Modified time.Time
}

// List calls f for every object right below prefix, which is empty or ends in a slash, and returns the names of the directories there.
func (l *Lake) List(ctx context.Context, prefix string, f func(Object)) (folders []string, err error) {
	err = l.list(ctx, prefix, func(name string, e store.Entry) {
		if e.Dir {
			folders = append(folders, name)
		} else {
			f(Object{e.Key, e.Size, e.ModTime})
		}
	})
	return folders, err
}

// Walk calls f for every object at any depth below prefix, which is empty or ends in a slash. In a bucket that costs a call
// for every thousand objects. Who reads tables asks manifests instead.
func (l *Lake) Walk(ctx context.Context, prefix string, f func(Object)) error {
	return storeError(prefix, l.store.Walk(ctx, prefix, func(e store.Entry) { f(Object{e.Key, e.Size, e.ModTime}) }))
}

// Delete removes an object for good; one that is not there is no error. It is for clean-ups, which must know that nobody
// needs the object.
func (l *Lake) Delete(ctx context.Context, key string) error {
	return storeError(key, l.store.Delete(ctx, key))
}

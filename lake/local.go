package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
)

// Local returns the name of a local file with exactly the bytes that f describes. In a
// lake on disk that is the lake's own file, elsewhere a copy in dir, which the caller owns. The size and
// the SHA-256 digest are checked on the way.
func (l *Lake) Local(ctx context.Context, f File, dir string) (string, error) {
	src, err := l.store.Open(ctx, f.Path, 0, -1)
	if err != nil {
		return "", storeError(f.Path, err)
	}
	defer src.Close()
	digest := sha256.New()
	var size int64
	name := filepath.Join(l.dir, filepath.FromSlash(f.Path))
	if l.dir == "" {
		name = filepath.Join(dir, filepath.FromSlash(f.Path))
		size, err = copyTo(name, digest, src, f.Path)
	} else if size, err = io.Copy(digest, src); err != nil {
		err = storeError(f.Path, err)
	}
	switch {
	case err != nil:
		return "", err
	case size != f.Bytes:
		return "", damaged(f.Path, fmt.Errorf("it has %d bytes, its manifest says %d", size, f.Bytes))
	case hex.EncodeToString(digest.Sum(nil)) != f.SHA256:
		return "", damaged(f.Path, errors.New("its SHA-256 digest differs from its manifest's"))
	}
	return name, nil
}

// copyTo copies an object into a new local file and a digest.
func copyTo(name string, digest io.Writer, src io.Reader, key string) (size int64, err error) {
	local := func(err error) error {
		return scratch.Trouble("copy "+key, filepath.Dir(name), err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return 0, local(err)
	}
	out, err := os.Create(name)
	if err != nil {
		return 0, local(err)
	}
	defer func() {
		if closeErr := out.Close(); err == nil && closeErr != nil {
			err = local(closeErr)
		}
	}()
	var failed error // of the local file; other errors are the store's
	size, err = io.Copy(io.MultiWriter(digest, writerFunc(func(p []byte) (int, error) {
		n, err := out.Write(p)
		failed = err
		return n, err
	})), src)
	switch {
	case failed != nil:
		return size, local(failed)
	case err != nil:
		return size, storeError(key, err)
	}
	return size, nil
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

package sqlite

import (
	"errors"
	"os"

	"github.com/gofrs/flock"

	"github.com/kivuko/kivuko/internal/store"
)

// lock takes the lock of a database file, for which it makes a file beside it. The lock ends with its holder, however that
// ends. The error store.ErrInUse says that another has it.
func lock(path string) (*flock.Flock, error) {
	for {
		l := flock.New(path + ".lock")
		switch ok, err := l.TryLock(); {
		case err != nil:
			return nil, err
		case !ok:
			return nil, store.ErrInUse
		}
		held, err := l.Stat()
		if err != nil {
			return nil, errors.Join(err, l.Unlock())
		}
		there, err := os.Stat(l.Path())
		if err == nil && os.SameFile(held, there) {
			return l, nil
		}
		if err := l.Unlock(); err != nil { // of a file that its last holder has removed since: others lock another one
			return nil, err
		}
	}
}

// unlock gives the lock back and leaves no file behind, where the system lets an open file be removed.
func unlock(l *flock.Flock) error {
	_ = os.Remove(l.Path())
	return l.Unlock()
}

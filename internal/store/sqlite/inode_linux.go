package sqlite

import (
	"os"

	"github.com/gofrs/flock"

	"github.com/kivuko/kivuko/internal/store"
)

// lockFile locks the database file itself, whatever name it was opened by: a hard link or a mount gives it another one, and so another
// file beside it to lock. SQLite's own locks are of another sort, which on Linux don't meet these. The error store.ErrInUse says that
// somebody else has it.
func lockFile(path string) (*flock.Flock, error) {
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	switch ok, err := l.TryLock(); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, store.ErrInUse
	}
	return l, nil
}

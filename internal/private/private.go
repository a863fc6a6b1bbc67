// Package private keeps files to the account that made them, whatever its umask says.
package private

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
)

// mode is that of a private file: only its owner reads and writes it.
const mode fs.FileMode = 0o600

// Create makes an empty private file at path; one that is there stays as it is.
func Create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(mode), f.Close()) // a umask of 0277 would have taken its owner's rights away
}

// Wide returns the mode of a file that others than its owner may read or write; 0 when they may not, or when there is no such file.
// Windows, where modes say nothing about others, has no wide files.
func Wide(path string) (fs.FileMode, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case runtime.GOOS == "windows" || info.Mode().Perm()&^mode&0o077 == 0:
		return 0, nil
	}
	return info.Mode().Perm(), nil
}

// Tighten makes a wide file private. It returns the mode that the file had, 0 when it was not wide.
func Tighten(path string) (was fs.FileMode, err error) {
	if was, err = Wide(path); was == 0 || err != nil {
		return was, err
	}
	return was, os.Chmod(path, mode)
}

//go:build !linux

package sqlite

import "github.com/gofrs/flock"

// lockFile locks nothing: on other systems this lock and SQLite's own ones would wait for each other.
func lockFile(path string) (*flock.Flock, error) { return flock.New(path), nil }

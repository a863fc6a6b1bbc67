//go:build race

package storetest

// underRace reports whether the race detector watches, under which a database in Go is ten times slower.
const underRace = true

// Package console is what a browser sees of Kivuko: its first page and its three rooms. It is a client of the control API like any
// other, so that whatever a page can do a script can do.
package console

import (
	"maps"
	"slices"

	"github.com/kivuko/kivuko/internal/console/developer"
	"github.com/kivuko/kivuko/internal/console/organisation"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/console/phones"
)

// New makes the console.
func New(o page.Options) *page.Kit { return page.New(o, rooms()...) }

func rooms() []page.Room {
	return []page.Room{home(), phones.Room(), developer.Room(), organisation.Room()}
}

// Patterns lists the routes of all rooms, in order: "GET /phones/{msisdn}".
func Patterns() (patterns []string) {
	for _, r := range rooms() {
		patterns = slices.AppendSeq(patterns, maps.Keys(r.Routes))
	}
	slices.Sort(patterns)
	return patterns
}

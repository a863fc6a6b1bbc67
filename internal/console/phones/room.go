// Package phones is the console's room of the customers' handsets: a wall of them, each with its menu, its prompts and its messages.
//
// An open handset is held: the page says so to the control API again and again, under a name of its own, so that prompts wait for those
// who look at it (mpesa.HoldPhone). What a person does goes through the control API like a script's.
package phones

import (
	"embed"
	"sync"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

//go:embed templates assets
var files embed.FS

// Room is the room.
func Room() page.Room {
	return page.Room{Name: "phones", Title: "Phones", Files: files, Routes: new(room).routes()}
}

// room serves the pages. It remembers the catalogue, which never changes.
type room struct {
	mu     sync.Mutex
	tables *control.Catalogue
}

// catalogue gives the tables: how phones can answer, and which of the world's numbers do what.
func (r *room) catalogue(q *page.Request) (*control.Catalogue, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tables == nil {
		tables, err := q.API().Catalogue(q.HTTP.Context())
		if err != nil {
			return nil, err
		}
		r.tables = tables
	}
	return r.tables, nil
}

// Package organisation is the console's room of an organisation's people: its accounts, operators and approvals.
package organisation

import (
	"embed"

	"github.com/kivuko/kivuko/internal/console/page"
)

//go:embed templates assets
var files embed.FS

// Room is the room.
func Room() page.Room {
	return page.Room{Name: "organisation", Title: "Organisation", Files: files, Routes: routes(), Upload: uploads, Nav: navigation}
}

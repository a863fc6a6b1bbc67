// Package developer is the console's room for developers on the Daraja API: apps, credentials, simulator, log.
package developer

import (
	"embed"

	"github.com/kivuko/kivuko/internal/console/page"
)

//go:embed templates assets
var files embed.FS

// Room is the room.
func Room() page.Room {
	return page.Room{Name: "developer", Title: "Developer", Files: files, Routes: routes(), Nav: nav}
}

// nav are the room's own pages.
func nav(*page.Request) []page.Link {
	return []page.Link{
		{Title: "Build"},
		{Path: "/developer/apps", Title: "Apps"},
		{Path: "/developer/credentials", Title: "Test credentials"},
		{Path: "/developer/security-credential", Title: "Security credential"},
		{Path: "/developer/simulator", Title: "Simulator"},
		{Path: "/developer/golive", Title: "Go live"},
		{Title: "Watch"},
		{Path: "/developer/log", Title: "Log"},
		{Path: "/developer/usage", Title: "Usage"},
		{Path: "/developer/audit", Title: "Audit"},
		{Path: "/developer/urls", Title: "Registered URLs"},
		{Path: "/developer/callback-test", Title: "Callback tester"},
		{Path: "/developer/codes", Title: "Codes"},
	}
}

// Package docs has the documents that the program shows parts of.
package docs

import _ "embed"

// Wire is docs/wire.md.
//
//go:embed wire.md
var Wire string

// Package source words citations for people: "wire.md §3" is a section of docs/wire.md, which the code cites by its number.
package source

import (
	"regexp"
	"strings"
	"sync"

	"github.com/kivuko/kivuko/docs"
)

var (
	heading  = regexp.MustCompile(`(?m)^##+ (\d+(?:\.\d+)?)\.? ([^\n]+)$`)
	document = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\| <")
	aside    = regexp.MustCompile(` — .*| \(.*| \[.*`) // a path, a date or a source after a heading's words
	section  = regexp.MustCompile(`(?:wire\.md )?§(\d+(?:\.\d+)?)`)
	name     = regexp.MustCompile(`\b[A-Z]\w+\b`)
)

// titles returns what the headings of docs/wire.md and the documents of its §23.1 are called, by number and by name.
var titles = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, h := range heading.FindAllStringSubmatch(docs.Wire, -1) {
		m[h[1]] = aside.ReplaceAllString(h[2], "")
	}
	for _, d := range document.FindAllStringSubmatch(docs.Wire, -1) {
		m[d[1]] = d[2]
	}
	return m
})

// Title returns a citation with the titles of what it cites: "wire.md §3" becomes "Wire reference 3, OAuth token".
func Title(citation string) string {
	parts := strings.Split(citation, "; ")
	for i, p := range parts {
		p = section.ReplaceAllStringFunc(p, func(s string) string {
			number := section.FindStringSubmatch(s)[1]
			return "Wire reference " + number + ", " + titles()[number]
		})
		parts[i] = name.ReplaceAllStringFunc(p, func(s string) string {
			if title := titles()[s]; title != "" {
				return title
			}
			return s
		})
	}
	return strings.Join(parts, "; ")
}

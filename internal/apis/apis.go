// Package apis has what Kivuko knows of each API of the gateway, one file an API: its paths and their fields, what serves them, what is
// called back, and how a request can end. The gateway serves by it, delivery renders by it, and the catalogue shows it.
package apis

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// The products of sandbox apps that several APIs belong to (DarajaTutorial, API apps; wire.md §14).
const (
	ProductExpress = "Lipa Na M-Pesa Sandbox"
	ProductMpesa   = "M-Pesa Sandbox"
)

// API is an API of the gateway. Its strings are for all of its paths that have no other.
type API struct {
	Name, Title string
	Product     string         // that a sandbox app needs; "" is none
	Live        golive.Product // that a production app needs; without a name: there it isn't to be had
	Family      codes.Family   // whose errors refuse a request
	Tokens      codes.Family   // whose errors tell of a bad token, where it isn't Family; else 0
	Foreign     *codes.Error   // refuses a production app that asks for another shortcode than its own; nil: InvalidField
	Kind        mpesa.Kind     // of what a request becomes; 0: there is nothing then but the answer
	Source      string
	Refuse      func(*Call, codes.Error) Raw // writes a refusal of what serves it; nil, or nothing: as most do
	Parts       Parts                        // by which a number of the world is named
	Usual       with                         // fields that a request with such a number needs too
	Outcomes    []Outcome
	Tests       []Test // that an app is to pass before it goes live
	Callbacks   []Callback
	Paths       []Path // in the documents' order
}

// Parts are fields of a request, by the part that they name in what it becomes. One that no field names is missing.
type Parts map[seedworld.Part][]string

// Path is a path of an API.
type Path struct {
	*API               // that it is of
	Name, Title string // the API's, where it has none of its own
	Method      string // HTTP; "": POST
	Path        string
	Query       string       // that the path needs; "" is none
	Version     int          // where the same handler serves several: 1 for v1; else 0
	Family      codes.Family // as API.Family
	Sandbox     bool         // there is no such path in production
	Source      string
	Fields      []Field                  // in the order in which they are looked at
	Serve       func(*Call) (any, error) // returns a Raw, or what is written as JSON
}

// table is made once: nothing in it changes.
var table = sync.OnceValue(func() []*API {
	list := []*API{oauth(), express(), expressQuery(), c2b(), b2c(), pochi(), b2b(), tax(), reversal(), status(), balance(),
		qrCode(), pull(), b2bExpress(), ratiba(), orgInfo(), hakikisha(), checkATI()}
	for _, a := range list {
		for i := range a.Paths {
			a.Paths[i].complete(a)
		}
	}
	return list
})

// All lists every API that the gateway has, in the documents' order. Nothing in the list may be changed.
func All() []*API { return table() }

// complete fills in what the path has of its API.
func (p *Path) complete(a *API) {
	p.API = a
	if p.Name == "" {
		p.Name = a.Name
	}
	if p.Title == "" {
		p.Title = a.Title
	}
	if p.Method == "" {
		p.Method = http.MethodPost
	}
	if p.Family == 0 {
		p.Family = a.Family
	}
	if p.Source == "" {
		p.Source = a.Source
	}
}

// Live is the product that a production app needs; "": there the path isn't to be had.
func (p *Path) Live() string {
	if p.Sandbox {
		return ""
	}
	return p.API.Live.Name
}

// Paths lists the paths of all APIs, in the documents' order. Nothing in them may be changed.
func Paths() (list []*Path) {
	for _, a := range All() {
		for i := range a.Paths {
			list = append(list, &a.Paths[i])
		}
	}
	return list
}

// Products lists the products that sandbox apps can have, in the order of the APIs.
func Products() (list []string) {
	for _, a := range All() {
		if a.Product != "" && !slices.Contains(list, a.Product) {
			list = append(list, a.Product)
		}
	}
	return list
}

// LiveProducts lists the products that production apps can have, in the order of the APIs.
func LiveProducts() (list []golive.Product) {
	for _, a := range All() {
		if a.Live.Name != "" && !slices.ContainsFunc(list, func(p golive.Product) bool { return p.Name == a.Live.Name }) {
			list = append(list, a.Live)
		}
	}
	return list
}

// Title returns the title of the path, or of the API, with a name; "" if there is none.
func Title(name string) string {
	if p := Newest(name); p != nil {
		return p.Title
	}
	return ""
}

// Versioned returns the title with the version.
func (p *Path) Versioned() string {
	if p.Version == 0 {
		return p.Title
	}
	return fmt.Sprintf("%s v%d", p.Title, p.Version)
}

// Index is where a field stands in the table, or -1.
func (p *Path) Index(name string) int { return index(p.Fields, name) }

func index(table []Field, name string) int {
	for i := range table {
		if table[i].Name == name {
			return i
		}
	}
	return -1
}

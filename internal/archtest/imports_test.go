// Package archtest holds the code to the map of ARCHITECTURE.md: who may import whom, and who may look at the clock.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.." // of the module
	module = "github.com/kivuko/kivuko"
)

// file is a Go file that is part of the program.
type file struct {
	name    string // from the module's root
	dir     string // of the package, the same way; "." is the module's own package
	pkg     string // its name
	imports []string
	syntax  *ast.File
}

// program returns every file that is no test.
func program(t *testing.T) []file {
	t.Helper()
	list, err := parse()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("found only %d files: is %s the module?", len(list), root)
	}
	return list
}

// parse parses them, once for all tests, which only read.
var parse = sync.OnceValues(func() (list []file, err error) {
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f := file{name: filepath.ToSlash(relative), pkg: syntax.Name.Name, syntax: syntax}
		f.dir = path.Dir(f.name)
		for _, x := range syntax.Imports {
			imported, err := strconv.Unquote(x.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		list = append(list, f)
		return nil
	})
	return list, err
})

// own gives the directory of a package of this module.
func own(imported string) (dir string, ok bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// below reports whether a directory is one of those named or lies below it.
func below(dir string, named ...string) bool {
	return slices.ContainsFunc(named, func(n string) bool { return dir == n || strings.HasPrefix(dir, n+"/") })
}

// The outer packages each face one side of the world and talk to the engine.
var outer = []string{"internal/gateway", "internal/waiting", "internal/sms", "internal/delivery", "internal/controlapi", "internal/console", "internal/intercept"}

// The packages for tests only.
var forTests = []string{"kivukotest", "internal/access/accesstest", "internal/codetest", "internal/testworld", "internal/controlapi/controltest", "internal/store/storetest", "internal/lifecycle/lifecycletest", "internal/mpesa/mpesatest", "internal/pgtest", "internal/proctest", "internal/console/browsertest"}

func TestOuterPackagesKnowNeitherEachOtherNorADatabase(t *testing.T) {
	for _, f := range program(t) {
		i := slices.IndexFunc(outer, func(o string) bool { return below(f.dir, o) })
		if i < 0 || below(f.dir, forTests...) {
			continue
		}
		for _, imported := range f.imports {
			dir, ours := own(imported)
			if ours && below(dir, outer...) && !below(dir, outer[i]) {
				t.Errorf("%s imports %s", f.name, imported)
			}
			if isDatabase(imported) {
				t.Errorf("%s imports the database package %s", f.name, imported)
			}
		}
	}
}

// What is known of the gateway's APIs is above the engine and below the faces: the gateway serves by it, delivery renders by it.
func TestAPIsKnowNoFace(t *testing.T) {
	for _, f := range program(t) {
		for _, imported := range f.imports {
			dir, ours := own(imported)
			if f.dir == "internal/apis" && ours && below(dir, append(outer, "control", "internal/app", "internal/catalogue", "internal/golive/cases")...) {
				t.Errorf("%s imports %s", f.name, imported)
			}
		}
	}
}

// isDatabase reports whether a package is a database's, ours or others'. Package store itself is an interface.
func isDatabase(imported string) bool {
	dir, ours := own(imported)
	return ours && strings.HasPrefix(dir, "internal/store/") ||
		below(imported, "database/sql", "github.com/jackc/pgx", "modernc.org/sqlite", "zombiezen.com/go/sqlite", "github.com/gofrs/flock")
}

// inConsole is what the console may import of this module: it is a client of the control API, and whatever it knows it has from there.
var inConsole = []string{"control", "daraja", "internal/clock", "internal/msisdn", "internal/spreadsheet", "internal/outcome", "internal/news", "internal/access", "internal/bounds", "internal/console"}

// What the commands know of an M-PESA they have from package control, as any client has.
func TestTheCommandLineKnowsNoRules(t *testing.T) {
	for _, f := range program(t) {
		for _, imported := range f.imports {
			if dir, ours := own(imported); f.dir == "cmd/kivuko" && ours && below(dir, "internal/mpesa", "internal/portal", "internal/ledger", "internal/unit", "internal/store", "internal/engine") {
				t.Errorf("%s imports %s", f.name, imported)
			}
		}
	}
}

func TestTheConsoleIsAClientOfTheControlAPI(t *testing.T) {
	for _, f := range program(t) {
		if !below(f.dir, "internal/console") || below(f.dir, forTests...) {
			continue
		}
		for _, imported := range f.imports {
			dir, ours := own(imported)
			if ours && dir != "control" && !below(dir, inConsole[1:]...) || !ours && !isStandard(imported) {
				t.Errorf("%s imports %s", f.name, imported)
			}
		}
	}
}

func TestOnlyTheWholeChoosesADatabase(t *testing.T) {
	for _, f := range program(t) {
		if below(f.dir, "internal/app", "internal/store") || below(f.dir, forTests...) {
			continue
		}
		for _, imported := range f.imports {
			if isDatabase(imported) {
				t.Errorf("%s imports %s", f.name, imported)
			}
		}
	}
}

func TestPackagesForTestsStayOutOfTheProgram(t *testing.T) {
	for _, f := range program(t) {
		for _, imported := range f.imports {
			if dir, ours := own(imported); !below(f.dir, forTests...) && (ours && below(dir, forTests...) || below(imported, "testing")) {
				t.Errorf("%s imports %s", f.name, imported)
			}
		}
	}
}

func TestPackagesAreCalledByWhatTheyAre(t *testing.T) {
	nothing := []string{"util", "utils", "common", "models", "types", "helpers", "misc", "shared", "base"}
	for _, f := range program(t) {
		if slices.Contains(nothing, f.pkg) || slices.Contains(nothing, path.Base(f.dir)) {
			t.Errorf("%s: package %s says nothing", f.name, f.pkg)
		}
	}
}

// clocks are the files that may ask the system for the time, and why. Everything that ends in the database or on the wire is
// asked of clock.Clock, which can be moved.
var clocks = map[string]string{
	"internal/clock/clock.go":           "is the clock",
	"internal/engine/engine.go":         "measures units of work",
	"internal/engine/underway.go":       "measures units of work",
	"internal/engine/settle.go":         "measures units of work",
	"internal/engine/directory.go":      "ages what it remembers",
	"internal/store/postgres/common.go": "compares it with the database's",
	"internal/gateway/gateway.go":       "measures requests",
	"internal/delivery/sender.go":       "measures how late deliveries are",
	"internal/delivery/claim.go":        "measures how late deliveries are",
	"internal/delivery/queue.go":        "measures attempts",
	"internal/delivery/attempt.go":      "measures attempts",
	"internal/delivery/post/post.go":    "sets deadlines of connections",
	"internal/keys/keys.go":             "dates a certificate, which clients check by their own clocks",
	"internal/bounds/conn.go":           "sets deadlines of connections",
	"internal/bounds/listener.go":       "sets deadlines of connections",
	"internal/access/password.go":       "makes people wait who guess, by their clocks",
	"internal/app/mounts.go":            "spares the database when load balancers ask",
	"internal/access/session.go":        "lets people in for a while, by their clocks",
	"internal/access/trail.go":          "measures requests, and bounds the lines of a second",
	"internal/weburl/tls.go":            "looks at certificates of servers, and measures",
	"internal/weburl/trial.go":          "measures what a URL takes",
	"daraja/client.go":                  "is a client, and runs elsewhere",
	"cmd/kivuko/listen.go":              "is for people who watch",
}

func TestOnlyTheClockTellsTheTime(t *testing.T) {
	for _, f := range program(t) {
		if _, may := clocks[f.name]; may || below(f.dir, append(forTests, "internal/bench")...) {
			continue
		}
		for _, used := range uses(f, "time", "Now", "Since", "Until") {
			t.Errorf("%s uses %s", f.name, used)
		}
	}
}

// Waiting is for those who may: the rules, the engine's callers and the stores never do.
func TestRulesDoNotWait(t *testing.T) {
	for _, f := range program(t) {
		if below(f.dir, "internal/mpesa", "internal/store", "internal/ids", "internal/money", "internal/msisdn", "internal/gateway") && !below(f.dir, forTests...) {
			for _, used := range uses(f, "time", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick") {
				t.Errorf("%s uses %s", f.name, used)
			}
		}
	}
}

func TestNobodySleeps(t *testing.T) {
	for _, f := range program(t) {
		for _, used := range uses(f, "time", "Sleep") {
			if !below(f.dir, "internal/bench") {
				t.Errorf("%s uses %s", f.name, used)
			}
		}
	}
}

// dice are the files that may throw them; everything else is handed what chance gave.
var dice = []string{"internal/app/keys.go", "cmd/kivuko/org.go", "internal/keys/keys.go", "daraja/credential.go", "internal/credential/credential.go", "internal/credential/password.go",
	"internal/console/page/once.go", "internal/access/session.go"}

func TestChanceIsHandedIn(t *testing.T) {
	for _, f := range program(t) {
		for _, imported := range f.imports {
			if below(imported, "math/rand", "crypto/rand") && !slices.Contains(dice, f.name) && !below(f.dir, "internal/bench") {
				t.Errorf("%s imports %s", f.name, imported)
			}
		}
	}
}

// callers are the files that may open connections, and whose requests they are. What somebody's URL leads to is asked of weburl.Reach.
var callers = map[string]string{
	"internal/delivery/post/post.go": "sends callbacks, where weburl.Reach allows it",
	"internal/weburl/trial.go":       "tries URLs, where weburl.Reach allows it",
	"internal/weburl/tls.go":         "secures such a connection",
	"control/client.go":              "is a client of the control API",
	"control/session.go":             "is a client of the control API",
	"daraja/client.go":               "is a client, and runs elsewhere",
	"internal/bench/client.go":       "generates load",
	"internal/bench/watchers.go":     "generates load",
	"internal/bench/pages.go":        "generates load",
	"internal/bench/server.go":       "generates load",
	"internal/bench/books.go":        "generates load",
	"internal/bench/profile.go":      "generates load",

	"internal/store/postgres/connect.go": "connects to the database that --db names",
}

// A request that Kivuko sends comes from this machine, which the control API trusts. So nothing else may send one for somebody.
func TestOnlyDeliveryCallsSomebody(t *testing.T) {
	dialling := map[string][]string{
		"net":      {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "DialIP", "Dialer"},
		"net/http": {"Client", "DefaultClient", "Transport", "DefaultTransport", "Get", "Head", "Post", "PostForm"},

		"net/http/httputil": {"ReverseProxy", "NewSingleHostReverseProxy", "NewClientConn"},
		"crypto/tls":        {"Dial", "DialWithDialer", "Dialer", "Client"},
		"net/smtp":          {"Dial", "SendMail"},
		"net/rpc":           {"Dial", "DialHTTP"},
		"syscall":           {"Connect"},
	}
	met := map[string]bool{}
	for _, f := range program(t) {
		if below(f.dir, forTests...) {
			continue
		}
		for pkg, functions := range dialling {
			for _, used := range uses(f, pkg, functions...) {
				if met[f.name] = true; callers[f.name] == "" {
					t.Errorf("%s uses %s", f.name, used)
				}
			}
		}
	}
	for name := range callers {
		if !met[name] {
			t.Errorf("%s opens no connection", name)
		}
	}
}

// A cell may have come from anybody, and spreadsheets run what looks like a formula. So tables are written by the one writer whose cells are all inert.
func TestTablesAreWrittenForSpreadsheets(t *testing.T) {
	for _, f := range program(t) {
		if used := uses(f, "encoding/csv", "NewWriter", "Writer"); len(used) > 0 && f.dir != "internal/spreadsheet" {
			t.Errorf("%s uses %v: internal/spreadsheet writes tables", f.name, used)
		}
	}
}

// uses lists the functions of a package, among those named, that a file mentions.
func uses(f file, pkg string, functions ...string) (list []string) {
	name := ""
	for _, x := range f.syntax.Imports {
		if x.Path.Value == strconv.Quote(pkg) {
			name = path.Base(pkg)
			if x.Name != nil {
				name = x.Name.Name
			}
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && name != "" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == name && slices.Contains(functions, s.Sel.Name) {
				list = append(list, fmt.Sprintf("%s.%s", pkg, s.Sel.Name))
			}
		}
		return true
	})
	return list
}

// The load generator measures the product, and is no part of it.
func TestTheProductHasNoLoadGenerator(t *testing.T) {
	packages := map[string][]string{}
	for _, f := range program(t) {
		packages[f.dir] = append(packages[f.dir], f.imports...)
	}
	linked := []string{".", "cmd/kivuko"}
	for i := 0; i < len(linked); i++ { // linked grows
		if below(linked[i], "internal/bench", "cmd/kivuko-bench") {
			t.Errorf("%s is part of the product", linked[i])
		}
		for _, imported := range packages[linked[i]] {
			if dir, ours := own(imported); ours && !slices.Contains(linked, dir) {
				linked = append(linked, dir)
			}
		}
	}
	if !slices.Contains(linked, "internal/mpesa") {
		t.Errorf("only %s are part of the product", linked)
	}
}

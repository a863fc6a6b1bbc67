package archtest

import (
	"go/ast"
	"path"
	"slices"
	"testing"
)

// floors is the house, from the ground up. A package may import what is on a lower floor, and nothing of its own: a new one goes as low as
// it can.
var floors = [][]string{
	{"docs", "daraja/codes", "internal/clock", "internal/money", "internal/msisdn", "internal/unit", "internal/spreadsheet"}, // values
	{"internal/ids", "internal/ledger"},
	{"internal/mpesa"}, // the rules
	{"internal/portal", "internal/golive"},
	{"internal/store", "internal/lifecycle", "internal/private"},
	{"internal/engine", "internal/due", "internal/store/tables"},
	{"internal/store/sqlread"},
	{"internal/store/sqlite", "internal/store/postgres"},
	{"daraja", "control", "internal/access", "internal/bounds", "internal/credential", "internal/journal", "internal/source", "internal/collector"}, // tools, and clients
	{"internal/outcome", "internal/weburl", "internal/keys", "internal/news", "internal/usage", "internal/metrics", "internal/bulkfile", "internal/seedworld"},
	{"internal/apis", "internal/delivery/post"},
	{"internal/catalogue", "internal/golive/cases"},
	{"internal/gateway", "internal/delivery", "internal/waiting", "internal/sms", "internal/controlapi", "internal/console/page"}, // each faces one side of the world
	{"internal/console/phones", "internal/console/developer", "internal/console/organisation"},
	{"internal/console"},
	{"internal/app", "internal/bench"}, // the whole, and what measures it
	{"."},
	{"cmd/kivuko", "cmd/kivuko-bench", "kivukotest"},
}

// narrow are the packages that may import no more of this module than is listed, though their floors would let them: what is public, so that
// others' programs get no more with it, and what keeps to itself what it is for.
var narrow = map[string][]string{
	"daraja":             {"daraja/codes"},
	"control":            {"internal/clock", "internal/money", "internal/spreadsheet"},
	"kivukotest":         {".", "control", "daraja"},
	"internal/golive":    {"internal/mpesa", "internal/ledger", "internal/unit"},
	"internal/lifecycle": {},
	"internal/due":       {"internal/clock", "internal/lifecycle"},
	"internal/engine":    {"internal/clock", "internal/lifecycle", "internal/ids", "internal/money", "internal/msisdn", "daraja/codes", "internal/mpesa", "internal/store", "internal/unit", "internal/ledger"},
	"internal/news":      {"internal/clock", "internal/lifecycle", "internal/ids", "internal/money", "internal/msisdn", "daraja/codes", "internal/mpesa", "internal/portal", "internal/ledger", "internal/journal"},
}

// others are the other modules' packages that packages use. None else may use any.
var others = map[string][]string{
	"internal/apis":           {"github.com/go-json-experiment/json", "rsc.io/qr"},
	"internal/gateway":        {"github.com/go-json-experiment/json"},
	"internal/journal":        {"github.com/go-json-experiment/json"},
	"internal/seedworld":      {"github.com/go-json-experiment/json"},
	"internal/credential":     {"golang.org/x/crypto/argon2"},
	"internal/metrics":        {"github.com/prometheus/client_golang"},
	"internal/store/sqlite":   {"github.com/gofrs/flock", "modernc.org/sqlite", "zombiezen.com/go/sqlite"},
	"internal/store/postgres": {"github.com/jackc/pgx/v5"},
	"cmd/kivuko":              {"github.com/alecthomas/kong"},
	"cmd/kivuko-bench":        {"github.com/alecthomas/kong"},
}

// rules are the packages that decide, and pure what they may use of the standard library: nothing that reads or writes, waits, or throws dice.
var (
	rules = []string{"internal/unit", "internal/ledger", "internal/mpesa", "internal/portal", "internal/golive"}
	pure  = []string{"bytes", "cmp", "crypto/sha256", "embed", "encoding/binary", "encoding/json", "errors", "fmt", "iter", "maps", "math", "slices", "sort", "strconv", "strings",
		"time", "unicode", "unicode/utf8"}
)

// floor returns the number of the floor that a package is on.
func floor(dir string) (n int, ok bool) {
	n = slices.IndexFunc(floors, func(floor []string) bool { return slices.Contains(floor, dir) })
	return n, n >= 0
}

func TestImportsRunDownwards(t *testing.T) {
	met := map[string]bool{}
	for _, f := range program(t) {
		met[f.dir] = true
		if below(f.dir, forTests...) && f.dir != "kivukotest" {
			continue
		}
		at, known := floor(f.dir)
		if !known {
			t.Errorf("%s: package %s is on no floor: add it to floors", f.name, f.dir)
			continue
		}
		for _, imported := range f.imports {
			dir, ours := own(imported)
			under, _ := floor(dir)
			least, isNarrow := narrow[f.dir]
			switch {
			case ours && (under >= at || under < 0):
				t.Errorf("%s imports %s, which is not on a lower floor", f.name, imported)
			case ours && isNarrow && !slices.Contains(least, dir):
				t.Errorf("%s imports %s: it has to do with %v only", f.name, imported, least)
			case !ours && !isStandard(imported) && !below(imported, others[f.dir]...):
				t.Errorf("%s imports %s of another module", f.name, imported)
			case slices.Contains(rules, f.dir) && !ours && !slices.Contains(pure, imported):
				t.Errorf("%s imports %s: the rules are pure", f.name, imported)
			}
		}
	}
	for _, named := range [][]string{slices.Concat(floors...), rules, forTests} {
		for _, dir := range named {
			if !met[dir] {
				t.Errorf("there is no package %s", dir)
			}
		}
	}
}

// Programs that import control can neither name nor make a value of a type of an internal package, so it has none in what it exports: no
// field, parameter, result or alias.
func TestControlHasNoTypeOfAnInternalPackage(t *testing.T) {
	inner := map[string]bool{}
	for _, dir := range narrow["control"] {
		inner[path.Base(dir)] = true
	}
	for _, f := range program(t) {
		if f.dir != "control" {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if _, body := n.(*ast.BlockStmt); body {
				return false
			}
			if x, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := x.X.(*ast.Ident); ok && inner[pkg.Name] {
					t.Errorf("%s: %s.%s is of an internal package", f.name, pkg.Name, x.Sel.Name)
				}
			}
			return true
		})
	}
}

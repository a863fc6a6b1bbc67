package archtest

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// remembers are the maps in the structs of the program that may outlive a request, with what bounds them: constants of docs/limits.md, or why they
// don't grow with what clients do.
var remembers = map[string]string{
	"internal/access.Password.from":       "internal/access.maxSources",
	"internal/bounds.Listener.open":       "internal/bounds.maxDescriptors",
	"internal/collector.Collector.boxes":  "internal/collector.maxBox internal/collector.maxAll",
	"internal/console/page.once.known":    "internal/console/page.maxOnce",
	"internal/credential.memory.known":    "internal/credential.remembered",
	"internal/engine.memory.found":        "internal/engine.directorySize",
	"internal/gateway.tries.from":         "internal/gateway.mostAddresses",
	"internal/news.Hub.all":               "internal/bounds.maxDescriptors", // one of a connection
	"internal/news.Hub.topics":            "internal/bounds.maxDescriptors internal/console/page.maxTopics",
	"internal/usage.Usage.series":         "internal/usage.mostSeries",
	"internal/engine.underway.since":      "one for each unit of work that is under way",
	"internal/credential.memory.flights":  "one for each request that is under way",
	"internal/access.Sessions.ended":      "as the table ended_sessions, whose rows go after 12 hours; those who sign out have signed in",
	"internal/delivery.Sender.queues":     "one for each host that callbacks wait for; a minute later it goes",
	"internal/delivery.Sender.claimed":    "one for each callback that waits",
	"internal/gateway.limiter.apps":       "one for each app with a limit that has called; apps are made by those who are let in",
	"internal/gateway.Gateway.paths":      "the gateway's own",
	"internal/console/page.Kit.pages":     "the console's own",
	"internal/console/page.assets.files":  "the console's own",
	"internal/console/page.Room.Routes":   "the console's own",
	"internal/outcome.kind.states":        "a table",
	"internal/apis.Try.Fields":            "a table",
	"internal/store/tables.Dialect.types": "a table",
	"internal/store/tables.Facts.Checks":  "a table",
	"internal/store/tables.Facts.Own":     "a table",
	"internal/seedworld.State.In":         "of the file that a world is read from",
	"internal/seedworld.published.hashes": "one for each operator of the world",
	"internal/store/tables.Bounded.rows":  "its own Most, which is said where one is made",
}

// passing are structs that are gone with the request, the page or the unit of work that they are made for.
var passing = []string{"internal/console/developer.logPage", "internal/console/page.Form", "internal/console/page.Field", "internal/controlapi.asked", "internal/controlapi.statementWriter",
	"internal/engine.customers", "internal/usage.Line"}

// What a client can make larger has a bound, and docs/limits.md says which. So a map that stays has to say here what bounds it.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	documented := limits(t)
	met, gone := map[string]bool{}, map[string]bool{}
	for _, f := range program(t) {
		if below(f.dir, slices.Concat(forTests, rules, []string{"control", "daraja", "cmd", "internal/bench"})...) {
			continue
		}
		for _, field := range mapFields(f) {
			at := f.dir + "." + field
			owner := at[:strings.LastIndexByte(at, '.')]
			bound, known := remembers[at]
			met[at], gone[owner] = true, true
			switch {
			case !known && !slices.Contains(passing, owner):
				t.Errorf("%s: the map %s has no bound: list in remembers what bounds it, or in passing that it goes with a request", f.name, at)
			case strings.HasPrefix(bound, "internal/"):
				for _, name := range strings.Fields(bound) {
					if documented[name] == "" {
						t.Errorf("%s is bounded by %s, which docs/limits.md does not have", at, name)
					}
				}
			}
		}
	}
	for at := range remembers {
		if !met[at] {
			t.Errorf("there is no map %s", at)
		}
	}
	for _, owner := range passing {
		if !gone[owner] {
			t.Errorf("%s has no map", owner)
		}
	}
}

// mapFields lists the fields of a file's structs that are maps or hold some: Type.field.
func mapFields(f file) (list []string) {
	for _, d := range f.syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			of, ok := s.(*ast.TypeSpec).Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, field := range of.Fields.List {
				for _, name := range field.Names {
					if holdsMap(field.Type) {
						list = append(list, s.(*ast.TypeSpec).Name.Name+"."+name.Name)
					}
				}
			}
		}
	}
	return list
}

func holdsMap(of ast.Expr) (found bool) {
	ast.Inspect(of, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			return false
		case *ast.MapType:
			found = true
		case *ast.SelectorExpr:
			found = found || n.Sel.Name == "Map"
		}
		return true
	})
	return found
}

// limits reads the table of docs/limits.md: what each constant is said to be.
func limits(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(root + "/docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| [^|]+ \\| ([^|]+) \\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		list[row[2]] = row[1]
	}
	if len(list) < 20 {
		t.Fatalf("found only %v", list)
	}
	return list
}

func TestLimitsAreWhatTheDocumentSays(t *testing.T) {
	documented := limits(t)
	for _, f := range program(t) {
		for _, d := range f.syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				for i, name := range v.Names {
					at := f.dir + "." + name.Name
					if said := documented[at]; said != "" && i < len(v.Values) {
						delete(documented, at)
						if is := valueOf(t, v.Values[i]); is != quantity(t, said) {
							t.Errorf("docs/limits.md says %s of %s, which is %d", said, at, is)
						}
					}
				}
			}
		}
	}
	for at := range documented {
		t.Errorf("docs/limits.md has %s, and there is no such constant", at)
	}
}

// valueOf is the value of a constant of literals.
func valueOf(t *testing.T, x ast.Expr) int64 {
	t.Helper()
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, types.ExprString(x))
	if err != nil {
		t.Fatal(err)
	}
	n, exact := constant.Int64Val(constant.ToInt(v.Value))
	if !exact {
		t.Fatalf("%s is no whole number", v.Value)
	}
	return n
}

// quantity reads a number as people write it: 4,096 or 16 MiB.
func quantity(t *testing.T, text string) int64 {
	t.Helper()
	figures, unit, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(strings.ReplaceAll(figures, ",", ""), 10, 64)
	if err != nil {
		t.Fatal(fmt.Errorf("%q: %w", text, err))
	}
	switch unit {
	case "KiB":
		n <<= 10
	case "MiB":
		n <<= 20
	}
	return n
}

// A table comes with what its rows grow with, and when they go.
func TestEachTableHasItsGrowthSaid(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| [^|]{3,} \\| [^|]{3,} \\|$").FindAllStringSubmatch(string(text), -1) {
		said[row[1]] = true
	}
	schema, err := os.ReadFile(root + "/internal/store/tables/testdata/sqlite.sql")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^CREATE TABLE ([a-z_]+)`).FindAllStringSubmatch(string(schema), -1) {
		there[row[1]] = true
	}
	if len(there) < 15 || !maps.Equal(said, there) {
		t.Errorf("the database has the tables %v, docs/limits.md says of %v", slices.Sorted(maps.Keys(there)), slices.Sorted(maps.Keys(said)))
	}
}

package archtest

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// kindsAt are the directories that may tell kinds of payment, kinds of callback and APIs apart: one file of theirs has what is particular to each.
var kindsAt = []string{"internal/mpesa", "internal/portal", "internal/apis"}

// kindsToo are the files that tell them apart besides, and what for. A file that no longer does goes from the list.
var kindsToo = map[string]string{
	"internal/sms/texts.go":                  "writes the texts of flows",
	"internal/controlapi/draft.go":           "finds a payment that an example can speak of",
	"internal/controlapi/payments.go":        "shows what only pushes and C2B have",
	"internal/controlapi/phonestatement.go":  "names the lines of statements",
	"internal/controlapi/statementwriter.go": "names the lines of statements",
	"internal/controlapi/taskfields.go":      "reads what operators ask for",
	"internal/controlapi/tasks.go":           "shows what operators ask for",
}

// What is particular to a kind of payment stands in its flow, and what is particular to an API in its file: elsewhere a switch or a map over them
// is a place that the next one is forgotten in.
func TestKindsAreToldApartInTheirFiles(t *testing.T) {
	list := program(t)
	kinds := kindNames(list)
	if len(kinds) < 30 {
		t.Fatalf("found only %v", slices.Sorted(maps.Keys(kinds)))
	}
	met := map[string]bool{}
	for _, f := range list {
		if below(f.dir, kindsAt...) || below(f.dir, append(forTests, "internal/bench", "daraja")...) {
			continue
		}
		for _, told := range toldApart(f.syntax, kinds) {
			if met[f.name] = true; kindsToo[f.name] == "" {
				t.Errorf("%s tells %s apart: that belongs to its flow or its API", f.name, told)
			}
		}
	}
	for name := range kindsToo {
		if !met[name] {
			t.Errorf("%s tells no kinds apart any more", name)
		}
	}
}

// kindNames lists the constants, with the name of their package, that are kinds of payment or of callback, or names of APIs.
func kindNames(list []file) map[string]bool {
	names := map[string]bool{}
	for _, f := range list {
		for _, d := range f.syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			kind := ""
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				if id, ok := v.Type.(*ast.Ident); ok {
					kind = id.Name
				} else if len(v.Values) > 0 {
					kind = ""
				}
				for _, n := range v.Names {
					switch {
					case f.dir == "internal/mpesa" && (kind == "Kind" || kind == "DeliveryKind"), f.dir == "daraja/codes" && strings.HasPrefix(n.Name, "API"):
						names[f.pkg+"."+n.Name] = true
					}
				}
			}
		}
	}
	return names
}

// toldApart lists the kinds that cases of switches and keys of maps name.
func toldApart(syntax *ast.File, kinds map[string]bool) (list []string) {
	named := func(e ast.Expr) {
		ast.Inspect(e, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := x.X.(*ast.Ident); ok && kinds[pkg.Name+"."+x.Sel.Name] {
					list = append(list, pkg.Name+"."+x.Sel.Name)
				}
			}
			return true
		})
	}
	ast.Inspect(syntax, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CaseClause:
			for _, e := range x.List {
				named(e)
			}
		case *ast.CompositeLit:
			if _, isMap := x.Type.(*ast.MapType); isMap {
				for _, e := range x.Elts {
					if pair, ok := e.(*ast.KeyValueExpr); ok {
						named(pair.Key)
					}
				}
			}
		}
		return true
	})
	return list
}

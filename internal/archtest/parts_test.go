package archtest

import (
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goroutines are the files that may have a go statement, and who waits for what it starts. What runs for longer than a call is a
// lifecycle.Part, whose Runner starts its goroutines and waits for them.
var goroutines = map[string]string{
	"internal/lifecycle/lifecycle.go":     "is what waits",
	"internal/store/postgres/connect.go":  "its caller, for the answers",
	"internal/store/postgres/postgres.go": "its caller, for some seconds: a server that stands still may never let go",
	"internal/console/page/stream.go":     "its caller, who reads to the end",
	"cmd/kivuko/listen.go":                "ends with its process",
}

func TestGoroutinesArePartsOfSomething(t *testing.T) {
	met := map[string]bool{}
	for _, f := range program(t) {
		if below(f.dir, forTests...) || below(f.dir, "internal/bench", "cmd/kivuko-bench") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if _, is := n.(*ast.GoStmt); is {
				if met[f.name] = true; goroutines[f.name] == "" {
					t.Errorf("%s has a go statement: what runs is a lifecycle.Part, whose Runner waits for its goroutines", f.name)
				}
			}
			return true
		})
	}
	for name := range goroutines {
		if !met[name] {
			t.Errorf("%s has no go statement", name)
		}
	}
}

// Every type that has a lifecycle.Runner is in a package whose tests hold it to the contract.
func TestPartsKeepTheContract(t *testing.T) {
	parts := 0
	for _, f := range program(t) {
		embeds := func(field *ast.Field) bool {
			s, ok := field.Type.(*ast.SelectorExpr)
			return ok && len(field.Names) == 0 && s.Sel.Name == "Runner"
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok && slices.ContainsFunc(s.Fields.List, embeds) {
				parts++
				if !mentions(t, f.dir, "lifecycletest.Contract(") {
					t.Errorf("%s has a part, and no test of its package calls lifecycletest.Contract", f.name)
				}
			}
			return true
		})
	}
	if parts < 5 {
		t.Errorf("only %d parts are found", parts)
	}
}

// mentions reports whether a test of a package has a text in it.
func mentions(t *testing.T, dir, text string) bool {
	t.Helper()
	tests, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(tests, func(name string) bool {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(source), text)
	})
}

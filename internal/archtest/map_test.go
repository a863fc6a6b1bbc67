package archtest

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	quoted = regexp.MustCompile("`([^`\n]+)`")
	named  = regexp.MustCompile(`^(\w+)\.([A-Z]\w*)$`)
	placed = regexp.MustCompile(`^(internal|cmd|control|daraja|docs|kivukotest|scripts)(/[\w.-]+)*$|^[\w-]+\.(go|md)$`)
)

// Each file, directory and identifier that these documents name exists.
func TestMapNamesWhatThereIs(t *testing.T) {
	declared, packages := map[string]bool{}, map[string]bool{}
	for _, f := range program(t) {
		packages[f.pkg] = true
		for _, d := range f.syntax.Decls {
			for _, name := range declares(d) {
				declared[f.pkg+"."+name] = true
			}
		}
	}
	checked := 0
	for _, doc := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md", "docs/design.md"} {
		text, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range quoted.FindAllStringSubmatch(string(text), -1) {
			switch n := named.FindStringSubmatch(x[1]); {
			case n != nil && packages[n[1]]:
				if checked++; !declared[x[1]] {
					t.Errorf("%s names %s, which is not declared", doc, x[1])
				}
			case placed.MatchString(x[1]):
				checked++
				_, err := os.Stat(filepath.Join(root, x[1]))
				if within, _ := filepath.Glob(filepath.Join(root, "internal", "*", x[1])); err != nil && (len(within) == 0 || doc == "ARCHITECTURE.md") {
					t.Errorf("%s names %s, which does not exist", doc, x[1])
				}
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d names are checked", checked)
	}
}

// declares lists the names that a declaration gives to a package; of a method none.
func declares(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}

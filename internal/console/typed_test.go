package console_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
)

// rooms are the packages whose handlers show templates, of their own directory and of page's.
var rooms = []string{".", "developer", "organisation", "phones"}

// Every field and method that a template names exists in what the handlers show it with, also where a list is empty when the page is tried.
func TestTemplatesNameWhatThereIs(t *testing.T) {
	exported := exports(t)
	named := 0
	for _, room := range rooms {
		fset := token.NewFileSet()
		lookup := func(path string) (io.ReadCloser, error) { return os.Open(exported[path].Export) }
		var files []*ast.File
		p := exported["github.com/kivuko/kivuko/internal/"+filepath.ToSlash(filepath.Join("console", room))]
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		pkg, err := (&types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}).Check(p.ImportPath, fset, files, info)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(pkg.Imports(), func(x *types.Package) bool { return x.Name() == "page" })
		view := pkg.Imports()[i].Scope().Lookup("View").Type()
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				name, part, data := shown(info, n)
				if name == "" {
					return true
				}
				sets := []string{"page/templates/*.html", "page/templates/shared/" + name + ".html", room + "/templates/parts/*.html", room + "/templates/" + name + ".html"}
				w := &walker{t: t, pkg: pkg, view: view, data: data, trees: trees(t, sets), seen: map[string]bool{}}
				for _, start := range part {
					w.template(start, view)
				}
				named += w.named
				return true
			})
		}
	}
	if named < 1000 {
		t.Errorf("only %d names are checked", named)
	}
}

// built is what go list says of a package.
type built struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// exports lists the packages below this one, with those that they import.
func exports(t *testing.T) map[string]built {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-pgo=off", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]built{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var b built
		switch err := d.Decode(&b); {
		case errors.Is(err, io.EOF):
			return list
		case err != nil:
			t.Fatal(err)
		}
		list[b.ImportPath] = b
	}
}

// shown is what a call of Show, Refused or Fragment shows: a page, where its templates begin, and with what. name is "" where it is no such call.
func shown(info *types.Info, n ast.Node) (name string, part []string, data types.Type) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", nil, nil
	}
	called, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Show", "Refused", "Fragment"}, called.Sel.Name) {
		return "", nil, nil
	}
	text := func(i int) string {
		if v := info.Types[call.Args[i]].Value; v != nil {
			return constant.StringVal(v)
		}
		return ""
	}
	if called.Sel.Name == "Fragment" {
		return text(0), []string{text(1)}, info.TypeOf(call.Args[2])
	}
	return text(0), []string{"frame", "title", "main"}, info.TypeOf(call.Args[1])
}

// trees parses the templates of some files.
func trees(t *testing.T, patterns []string) map[string]*parse.Tree {
	t.Helper()
	all := map[string]*parse.Tree{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tree := &parse.Tree{Name: name, Mode: parse.SkipFuncCheck}
			if _, err := tree.Parse(string(source), "", "", all); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unplain are words that comments, messages, documents and pages do without: people are they, and a word that has to be explained gives way to
// the field's (claim, queue, callback, chain, fix, caller, pending, while).
var unplain = regexp.MustCompile(`(?i)\b(he|his|him|himself|she|whoever|owed|mends?|couriers?|errands?|lanes?|newcomers?|so long as)\b`)

// unplainAllowed are the lines that may have such a word all the same, by file and what they contain, and why. One that is met no more goes.
var unplainAllowed = map[[2]string]string{
	{"internal/access/origin.go", `"Kivuko-Courier"`}:            "a header on the wire",
	{"internal/access/door_test.go", `a courier`}:                "names that header",
	{"internal/app/doors_test.go", `courier`}:                    "names that header",
	{"internal/console/page/signin_test.go", `"Kivuko-Courier"`}: "that header",
	{"internal/delivery/request_test.go", `"Kivuko-Courier"`}:    "that header",
	{"internal/controlapi/problem.go", `"from-courier"`}:         "a problem of the control API",
	{"internal/controlapi/guard_test.go", `from-courier`}:        "that problem",
	{"internal/console/templates/home.html", ".Data.About.Owed"}: "a field of the control API",
	{"CHANGELOG.md", "`mend`"}:                                   "what the field fix was called",
}

// written are the files that people read.
var written = []string{".go", ".md", ".html", ".js", ".css", ".sql", ".txtar"}

func TestWordsArePlain(t *testing.T) {
	met, files := map[[2]string]bool{}, 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		relative := filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator)))
		if d.IsDir() || !slices.Contains(written, filepath.Ext(name)) || strings.HasSuffix(name, ".min.js") || relative == "internal/archtest/words_test.go" {
			return nil
		}
		files++
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		prose := strings.Split(string(source), "\n")
		if filepath.Ext(name) == ".go" {
			prose, err = proseOf(name, source)
			if err != nil {
				return err
			}
		}
		for _, line := range prose {
			word := unplain.FindString(line)
			if word == "" {
				continue
			}
			allowed := false
			for x := range unplainAllowed {
				if x[0] == relative && strings.Contains(line, x[1]) {
					met[x], allowed = true, true
				}
			}
			if !allowed {
				t.Errorf("%s: %q in: %s", relative, word, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 500 {
		t.Errorf("only %d files are read", files)
	}
	for x := range unplainAllowed {
		if !met[x] {
			t.Errorf("%s no longer has %s: take it from the list", x[0], x[1])
		}
	}
}

// proseOf gives the lines of comments and of texts in a Go file. Tags of structs are no texts.
func proseOf(name string, source []byte) (lines []string, err error) {
	f, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, g := range f.Comments {
		for _, c := range g.List {
			lines = append(lines, strings.Split(c.Text, "\n")...)
		}
	}
	tags := map[*ast.BasicLit]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			tags[n.Tag] = true
		case *ast.BasicLit:
			if n.Kind == token.STRING && !tags[n] {
				lines = append(lines, strings.Split(n.Value, "\n")...)
			}
		}
		return true
	})
	return lines, nil
}

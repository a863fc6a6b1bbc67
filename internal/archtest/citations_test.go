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

const reference = "../../docs/wire.md"

// sources is what can be cited: the numbers of docs/wire.md's sections and rows, and the parts of the documents that its table lists.
type sources struct {
	sections map[string]bool     // "6.1"
	rows     map[string]bool     // of §21
	parts    map[string][]string // by document, in lower case
}

var (
	heading  = regexp.MustCompile(`(?m)^##+ (\d+(?:\.\d+)?)\.? `)
	row      = regexp.MustCompile(`(?m)^\| (\d+) \|`)
	part     = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\| [^<|]+ \\|$")
	wireCite = regexp.MustCompile(`wire\.md((?:,? (?:and |to |row )?§?[\d.]*\d)+)?`)
	number   = regexp.MustCompile(`(row |§)([\d.]*\d)`)
	joined   = regexp.MustCompile(`\s*\n\s*(?://|#)?\s*`)
	camel    = regexp.MustCompile(`^[A-Z]\w*[a-z][A-Z]`)
)

func readSources(t *testing.T) sources {
	t.Helper()
	b, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	s := sources{sections: map[string]bool{}, rows: map[string]bool{}, parts: map[string][]string{}}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		s.sections[m[1]] = true
	}
	_, disagreements, _ := strings.Cut(text, "\n## 21. ")
	disagreements, _, _ = strings.Cut(disagreements, "\n## 22. ")
	for _, m := range row.FindAllStringSubmatch(disagreements, -1) {
		s.rows[m[1]] = true
	}
	_, table, _ := strings.Cut(text, "\n### 23.2 ")
	for _, m := range part.FindAllStringSubmatch(table, -1) {
		s.parts[m[1]] = append(s.parts[m[1]], strings.ToLower(m[2]))
	}
	if len(s.sections) < 50 || len(s.rows) < 20 || len(s.parts) != 5 {
		t.Fatalf("%s has %d sections, %d rows and parts of %d documents", reference, len(s.sections), len(s.rows), len(s.parts))
	}
	return s
}

// wrong lists the citations in a text that lead nowhere.
func (s sources) wrong(text string) []string {
	text = joined.ReplaceAllString(text, " ")
	var list []string
	for _, m := range wireCite.FindAllStringSubmatch(text, -1) {
		for _, n := range number.FindAllStringSubmatch(m[1], -1) {
			if n[1] == "§" && !s.sections[n[2]] || n[1] == "row " && !s.rows[n[2]] {
				list = append(list, m[0])
			}
		}
	}
	for name, parts := range s.parts {
		if !strings.Contains(text, name) {
			continue
		}
		for _, m := range regexp.MustCompile(`\b`+name+`(?: and \w+)?, `).FindAllStringIndex(text, -1) {
			cited := text[m[1]:]
			another := slices.ContainsFunc(documents(s), func(d string) bool { return strings.HasPrefix(cited, d) })
			if another || camel.MatchString(cited) || s.resolves(parts, cited) {
				continue // a list of documents, a list of commands, or a part
			}
			list = append(list, text[m[0]:min(len(text), m[1]+40)])
		}
	}
	return list
}

// resolves reports whether a text begins with one of the parts.
func (s sources) resolves(parts []string, cited string) bool {
	cited = strings.ToLower(cited)
	return slices.ContainsFunc(parts, func(p string) bool {
		after, ok := strings.CutPrefix(cited, p)
		return ok && !regexp.MustCompile(`^\w`).MatchString(after)
	})
}

func documents(s sources) []string {
	var list []string
	for d := range s.parts {
		list = append(list, d)
	}
	return list
}

// Comments, texts and documents cite docs/wire.md by section, and the documents by a part. Each citation leads somewhere.
func TestCitationsResolve(t *testing.T) {
	s := readSources(t)
	cited := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && name != root && strings.HasPrefix(d.Name(), ".") {
			return skip(err)
		}
		if d.IsDir() || strings.HasSuffix(name, "citations_test.go") {
			return nil
		}
		var texts []string
		switch filepath.Ext(name) {
		case ".go":
			texts, err = spoken(name)
		case ".md", ".html", ".json", ".txt", ".sql", ".js":
			b, failure := os.ReadFile(name)
			texts, err = []string{string(b)}, failure
		}
		for _, text := range texts {
			cited += strings.Count(text, "wire.md §")
			for _, w := range s.wrong(text) {
				t.Errorf("%s cites %q, which docs/wire.md has no heading, row or part for", strings.TrimPrefix(name, root+"/"), w)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if cited < 300 {
		t.Errorf("%d citations were found; the test doesn't look where they are", cited)
	}
}

// skip leaves a directory out, unless the walk failed.
func skip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

// spoken returns a Go file's comments and string literals: what is not code.
func spoken(name string) ([]string, error) {
	syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, g := range syntax.Comments {
		var lines []string
		for _, c := range g.List {
			lines = append(lines, c.Text)
		}
		list = append(list, strings.Join(lines, "\n"))
	}
	ast.Inspect(syntax, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			list = append(list, l.Value)
		}
		return true
	})
	return list, nil
}

func TestCitationsThatLeadNowhereAreFound(t *testing.T) {
	s := readSources(t)
	for _, text := range []string{"wire.md §99", "wire.md §6.1, §6.9", "wire.md §21 row 99", "DarajaTutorial, weather", "(BusinessToPochi,\n// whatever)", "BusinessPayBill and DarajaTutorial, weather"} {
		if len(s.wrong(text)) == 0 {
			t.Errorf("%q passes", text)
		}
	}
	for _, text := range []string{"wire.md §6.1, §6.2", "wire.md §9.2, §21 row 15", "wire.md\n// §14.4", "DarajaTutorial, Reversal API; wire.md §12", "BusinessToPochi, FAQ 8", "DarajaTutorial, Lipa na\n\t// M-Pesa Online", "BusinessPayBill, PayTaxToKRA or another"} {
		if wrong := s.wrong(text); len(wrong) > 0 {
			t.Errorf("%q is said to be wrong: %q", text, wrong)
		}
	}
}

package catalogue_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testColumn = regexp.MustCompile("^`[a-z0-9]+\\.(Test|Fuzz)[A-Za-z0-9_]+`(, `[a-z0-9]+\\.(Test|Fuzz)[A-Za-z0-9_]+`)*$")
	testName   = regexp.MustCompile("`([^`]+)`")
	testFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
)

// Each row of docs/divergences.md names the tests that hold Kivuko to it, as package.Test, and they exist.
func TestEachDivergenceIsTested(t *testing.T) {
	text, err := os.ReadFile("../../docs/divergences.md")
	if err != nil {
		t.Fatal(err)
	}
	exists := tests(t)
	rows := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasSuffix(line, "| test |") {
			continue
		}
		rows++
		row := strings.TrimSuffix(line, "|")
		named := strings.TrimSpace(row[strings.LastIndex(row, "|")+1:])
		if !testColumn.MatchString(named) {
			t.Errorf("this row names no test: %s", line)
			continue
		}
		for _, m := range testName.FindAllStringSubmatch(named, -1) {
			if !exists[m[1]] {
				t.Errorf("there is no %s, which this row names: %s", m[1], line)
			}
		}
	}
	if rows < 100 {
		t.Errorf("found only %d rows", rows)
	}
}

// tests lists the module's tests as package.Test, by the name of the package's directory.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	list := map[string]bool{}
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		pkg := filepath.Base(filepath.Dir(name))
		for _, m := range testFunc.FindAllSubmatch(source, -1) {
			list[pkg+"."+string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

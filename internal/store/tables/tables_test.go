package tables_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// A table that is not listed would be changed by the rules and never written.
func TestEveryTableOfTheRulesIsStored(t *testing.T) {
	stored := []string{tables.Tokens.Of().Name}
	for _, x := range tables.All {
		stored = append(stored, x.Of().Name)
	}
	for _, x := range tables.Logs {
		stored = append(stored, x.Of().Name)
	}
	stored = append(stored, mpesa.OpenPrompts.Name, mpesa.Organisations.Name) // which follow from rows of others
	slices.Sort(stored)
	if all := slices.Sorted(slices.Values(unit.Names())); !slices.Equal(stored, all) {
		t.Errorf("stored are\n%q, of\n%q", stored, all)
	}
}

// The key's columns never change, and those that some updates keep come before the fixed ones: statements take the first so many columns.
func TestColumnsStandInTheOrderOfStatements(t *testing.T) {
	for _, x := range tables.All {
		s := x.Of()
		if s.Keys > s.Kept || s.Kept > s.Changes || s.Changes > len(s.Columns) {
			t.Errorf("%s: %d columns are the key, %d are in each update, %d change, of %d", s.Name, s.Keys, s.Kept, s.Changes, len(s.Columns))
		}
		names := map[string]bool{}
		for i, c := range s.Columns {
			if names[c.Name] || (c.Fixed != (i >= s.Changes)) {
				t.Errorf("%s.%s is there twice, or is not among the fixed ones: %+v", s.Name, c.Name, c)
			}
			names[c.Name] = true
		}
	}
}

var update = flag.Bool("update", false, "write the schemas anew")

// The script that makes the tables of version 1 is in the repository for each database: a change of what is stored shows in review.
func TestSchemas(t *testing.T) {
	for _, d := range []*tables.Dialect{tables.SQLite, tables.PostgreSQL} {
		name := filepath.Join("testdata", strings.ToLower(d.Name)+".sql")
		if *update {
			if err := os.WriteFile(name, []byte(d.Create()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		written, err := os.ReadFile(name)
		if err != nil || string(written) != d.Create() {
			t.Errorf("%s is stale (%v); write it with: go test ./internal/store/tables -update", name, err)
		}
	}
}

// Words go into SQL as they are.
func TestWordsAreUniqueAndPlain(t *testing.T) {
	type key struct {
		topic  string
		number int64
	}
	seen, topics := map[key]string{}, map[string]int{}
	for _, w := range tables.Words() {
		k := key{w.Topic, w.Number}
		if seen[k] != "" || strings.ContainsAny(w.Topic+w.Name, "'\\\x00") {
			t.Errorf("%+v", w)
		}
		seen[k] = w.Name
		topics[w.Topic]++
	}
	if len(topics) != 6 {
		t.Errorf("the topics are %v", topics)
	}
	for k, name := range map[key]string{{"payment kind", int64(mpesa.Bulk)}: mpesa.Bulk.String(), {"payment state", 0}: mpesa.Prompting.String(),
		{"account kind", int64(mpesa.Trust)}: mpesa.Trust.String()} {
		if seen[k] != name || name == "" {
			t.Errorf("%v is %q, not %q", k, seen[k], name)
		}
	}
}

func TestPlaceholdersAreNumberedWhereTheDatabaseWantsIt(t *testing.T) {
	const query = "a = ? AND b IN (?, ?)"
	if got := tables.SQLite.Bind(query); got != query {
		t.Error(got)
	}
	if got := tables.PostgreSQL.Bind(query); got != "a = $1 AND b IN ($2, $3)" {
		t.Error(got)
	}
}

package tables_test

import (
	"slices"
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

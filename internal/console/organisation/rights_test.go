package organisation_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/control"
)

// A right that a template names is one of the control API's: of a misspelt one nobody would ever see the button.
func TestTemplatesNameRightsThatThereAre(t *testing.T) {
	asks := regexp.MustCompile(`\.May ((?:"[^"]*" ?)+)`)
	right := regexp.MustCompile(`"([^"]*)"`)
	files, err := filepath.Glob("templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob("templates/parts/*.html")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range append(files, parts...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, asked := range asks.FindAllSubmatch(text, -1) {
			for _, x := range right.FindAllSubmatch(asked[1], -1) {
				if found++; !slices.Contains(control.Right("").Choices(), string(x[1])) {
					t.Errorf("%s asks for the right %q, which there is not", name, x[1])
				}
			}
		}
	}
	if found == 0 {
		t.Error("no template asks for a right")
	}
}

package app

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// An archive's version is the one that the list of changes begins with.
func TestTheVersionIsTheChangesNewest(t *testing.T) {
	changes, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	newest := regexp.MustCompile(`(?m)^## \[?v?([^\s\]]+)`).FindStringSubmatch(string(changes))
	if newest == nil {
		t.Fatal("CHANGELOG.md has no heading")
	}
	if newest[1] == "Unreleased" && !strings.HasSuffix(release, "-dev") || newest[1] != "Unreleased" && release != "v"+newest[1] {
		t.Errorf("the version is %s, and CHANGELOG.md begins with %s", release, newest[1])
	}
	if got := Version(); !regexp.MustCompile(`^v\d+\.\d+\.\d+\S*$`).MatchString(got) {
		t.Errorf("it is %q", got)
	}
}

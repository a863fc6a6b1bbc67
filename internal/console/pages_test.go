package console

import (
	"slices"
	"testing"
)

func TestEveryPageHasAnExample(t *testing.T) {
	if _, err := Pages(Samples{Customer: "254710000000", Shortcode: "600000", App: "kivuko-key", Payment: 7, Entry: 8}); err != nil {
		t.Error(err)
	}
	patterns := Patterns()
	for path := range queries {
		if !slices.Contains(patterns, "GET "+path) {
			t.Errorf("there is no page %s", path)
		}
	}
	for pattern := range unlisted {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("there is no page %s", pattern)
		}
	}
}

func TestFill(t *testing.T) {
	samples := map[string]string{"id": "1", "/b/{id}": "2", "/c/{id}": "", "path...": "x/y"}
	for path, want := range map[string]string{"/{$}": "/", "/a/{id}": "/a/1", "/b/{id}/z": "/b/2/z", "/c/{id}": "", "/d/{path...}": "/d/x/y"} {
		if got, err := fill(path, samples); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
	if _, err := fill("/a/{nothing}", samples); err == nil {
		t.Error("a wildcard without a sample is no error")
	}
}

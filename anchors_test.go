package kivuko_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
)

// An anchor is kept when Kivuko stops, and written down where it was told to. Later it is still part of the chain, and no other is.
func TestAnchorsAreWrittenDown(t *testing.T) {
	dir := t.TempDir()
	config := kivuko.Config{DB: filepath.Join(dir, "kivuko.db"), AnchorTo: "file:" + filepath.Join(dir, "anchors")}
	start := func() *kivuko.Kivuko {
		k, err := kivuko.Start(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		return k
	}
	start().Close()
	k := start()
	if _, err := k.Control().DepositCash(t.Context(), "254708374149", control.Amount(100_00)); err != nil {
		t.Fatal(err)
	}
	k.Close()
	text, err := os.ReadFile(config.AnchorTo[len("file:"):])
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err != nil || len(lines) != 2 {
		t.Fatalf("%q, %v; want the anchor of the world and that of the deposit", lines, err)
	}
	hash := strings.Join(strings.Fields(lines[1])[2:], " ")
	k = start()
	books, err := k.Control().BooksSince(t.Context(), strings.Join(strings.Fields(lines[0])[2:], ""))
	if err != nil || !books.Balanced() || books.Anchor == nil || books.Anchor.Number != 2 || books.Anchor.Hash != hash {
		t.Errorf("%+v, %v; want anchor 2 with %s", books, err, hash)
	}
	if books, err = k.Control().BooksSince(t.Context(), strings.Repeat("0", 64)); err != nil || books.Balanced() {
		t.Errorf("with an anchor that is nobody's: %+v, %v", books, err)
	}
}

func TestPlacesForAnchors(t *testing.T) {
	for _, place := range []string{"file:", "anchors", "https://example.com/"} {
		if k, err := kivuko.Start(t.Context(), kivuko.Config{AnchorTo: place}); err == nil {
			k.Close()
			t.Errorf("anchors may be written to %q", place)
		}
	}
}

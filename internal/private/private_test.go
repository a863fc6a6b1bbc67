package private_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/kivuko/kivuko/internal/private"
)

func TestFilesAreTheirOwnersOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing about others there")
	}
	for _, test := range []struct {
		name      string
		mode      fs.FileMode // that it has; 0: there is none
		wide      fs.FileMode
		afterward fs.FileMode
	}{
		{"new", 0, 0, 0o600},
		{"private", 0o600, 0, 0o600},
		{"its owner may only read it", 0o400, 0, 0o400},
		{"readable by all", 0o644, 0o644, 0o600},
		{"writable by a group", 0o660, 0o660, 0o600},
		{"may be run by others", 0o711, 0o711, 0o600},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if test.mode != 0 {
				if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(path, test.mode); err != nil {
					t.Fatal(err)
				}
			}
			if err := private.Create(path); err != nil {
				t.Fatal(err)
			}
			if was, err := private.Tighten(path); was != test.wide || err != nil {
				t.Errorf("it was %o, %v; want %o", was, err, test.wide)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != test.afterward || test.mode != 0 && info.Size() != 4 {
				t.Errorf("it is %v, %v; want %o", info.Mode(), err, test.afterward)
			}
		})
	}
	if was, err := private.Tighten(filepath.Join(t.TempDir(), "none")); was != 0 || err != nil {
		t.Errorf("a file that isn't there: %o, %v", was, err)
	}
}

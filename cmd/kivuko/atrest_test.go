package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/proctest"
)

// What is on the disk is its owner's only, whatever the umask, and an access token can't be read there.
func TestFilesAreTheOwnersOnly(t *testing.T) {
	dir := t.TempDir()
	s := startWithUmask(t, dir)
	issued := token(t, client(s.URL))
	if status, _, diag := call(t.Context(), "credential", "--url", s.URL, "text"); status != 0 { // makes the key pair
		t.Fatal(diag)
	}
	made := modes(t, dir)
	for _, name := range []string{"kivuko.db", "kivuko.db-wal", "kivuko.db-shm", "kivuko.db.lock", "kivuko.db.secret", "kivuko.db.credential"} {
		if made[name] != 0o600 {
			t.Errorf("%s has the mode %o", name, made[name])
		}
	}
	if len(made) != 6 {
		t.Errorf("it made %v", made)
	}
	for name, content := range files(t, dir) {
		if strings.Contains(content, issued) {
			t.Errorf("%s has the access token", name)
		}
	}
	s.Kill() // leaves the WAL behind
	if s.Stderr() != "" {
		t.Errorf("new files were wide for a moment:\n%s", s.Stderr())
	}

	for name := range modes(t, dir) {
		if err := os.Chmod(filepath.Join(dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s = startWithUmask(t, dir)
	for name, mode := range modes(t, dir) {
		if mode != 0o600 && name != "kivuko.db.lock" { // which is empty
			t.Errorf("%s was wide and has the mode %o", name, mode)
		}
	}
	token(t, client(s.URL))
	s.Stop(t)
	for _, name := range []string{"kivuko.db", "kivuko.db.secret", "kivuko.db.credential"} {
		if !strings.Contains(s.Stderr(), filepath.Join(dir, name)+" mode=-rw-r--r--") {
			t.Errorf("nothing warns of %s:\n%s", name, s.Stderr())
		}
	}
}

// startWithUmask starts a server that may give everybody every right to its files.
func startWithUmask(t *testing.T, dir string) *proctest.Server {
	t.Helper()
	cmd := program(t, "serve", "--listen=127.0.0.1:0", "--log=warn", "--db="+filepath.Join(dir, "kivuko.db"))
	shell := exec.Command("sh", append([]string{"-c", `umask 0; exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)...)
	shell.Env = cmd.Env
	return proctest.Start(t, shell)
}

// modes are the permissions of a directory's files.
func modes(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]fs.FileMode{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = info.Mode().Perm()
	}
	return all
}

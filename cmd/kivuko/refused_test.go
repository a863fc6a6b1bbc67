package main

import (
	"context"
	"database/sql"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/kivuko/kivuko/internal/proctest"
)

// isRefused runs a `kivuko serve` that must not come about: it ends with status 2 and says why in one line.
func isRefused(t *testing.T, says string, flags ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), proctest.Patience)
	defer cancel()
	status, out, diag := call(ctx, append([]string{"serve"}, flags...)...)
	if status != 2 || out != "" {
		t.Errorf("kivuko serve %q: status %d, %q", flags, status, out)
	}
	if !strings.HasPrefix(diag, "kivuko: ") || strings.Count(diag, "\n") != 1 || !strings.HasSuffix(diag, "\n") || !strings.Contains(diag, says) {
		t.Errorf("kivuko serve %q says %q, want one line that says %q", flags, diag, says)
	}
}

func TestBadFlagsAreRefused(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, test := range []struct {
		flags []string
		says  string
	}{
		{[]string{"--nonsense"}, "--nonsense"},
		{[]string{"nonsense"}, "nonsense"},
		{[]string{"--profile=loose"}, "sandbox"},
		{[]string{"--phones=dance"}, "approve"},
		{[]string{"--log=loud"}, "debug"},
		{[]string{"--answer-after=soon"}, "--answer-after"},
		{[]string{"--answer-after=-1s"}, "negative"},
		{[]string{"--callback-timeout=-1s"}, "negative"},
		{[]string{"--result-after=-1s"}, "negative"},
		{[]string{"--queue-time=0s"}, "not 0"},
		{[]string{"--result-after=1m"}, "time out after 1m0s"},
		{[]string{"--ignored-result=7"}, "1037 or 1032"},
		{[]string{"--seed=x"}, "--seed"},
		{[]string{"--retry=stkpush=soon"}, `"soon"`},
		{[]string{"--retry=b2c=1s"}, "stkpush"},
		{[]string{"--listen=nonsense"}, "nonsense"},
		{[]string{"--listen=127.0.0.1:99999"}, "99999"},
		{[]string{"--listen=203.0.113.1:0"}, "203.0.113.1"}, // not this machine's
		{[]string{"--listen=127.0.0.1:0", "--key-file=missing/key"}, "missing"},
		{[]string{"--listen=127.0.0.1:0", "--db=postgres://127.0.0.1:1/kivuko?connect_timeout=5"}, "PostgreSQL"},
		{[]string{"--listen=127.0.0.1:0", "--db=postgres://%zz"}, "PostgreSQL"},
		{[]string{"--listen=127.0.0.1:0", "--db=postgres://127.0.0.1:1/kivuko", "--profile=strict"}, "key file"},
	} {
		isRefused(t, test.says, test.flags...)
		if left := files(t, dir); len(left) > 0 {
			t.Fatalf("%q left %v", test.flags, names(left))
		}
	}
	t.Setenv("KIVUKO_PROFILE", "loose")
	isRefused(t, "sandbox")
	t.Setenv("KIVUKO_PROFILE", "sandbox")
	t.Setenv("KIVUKO_ANSWER_AFTER", "soon")
	isRefused(t, "soon")
}

func TestBusyPortIsRefused(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	isRefused(t, "address already in use", "--listen="+taken.Addr().String())
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("it left %v", names(left))
	}
}

func TestUnusableDatabasesAreRefusedAndLeftAlone(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, path string)
		says    string
	}{
		"a directory":       {func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, "is a directory"},
		"below a file":      {func(t *testing.T, path string) { write(t, filepath.Dir(path), "a file") }, "not a directory"},
		"in no directory":   {func(t *testing.T, path string) { must(t, os.Remove(filepath.Dir(path))) }, "no such file or directory"},
		"a text":            {func(t *testing.T, path string) { write(t, path, strings.Repeat("This is no database. ", 100)) }, "not Kivuko's"},
		"a short text":      {func(t *testing.T, path string) { write(t, path, "hello\n") }, "not Kivuko's"},
		"another program's": {func(t *testing.T, path string) { execute(t, path, "CREATE TABLE payments (id)") }, "not Kivuko's"},
		"another program's with WAL": {func(t *testing.T, path string) {
			execute(t, path, "PRAGMA journal_mode = WAL", "CREATE TABLE payments (id)")
		}, "not Kivuko's"},
		"another program's, numbered":   {func(t *testing.T, path string) { execute(t, path, "PRAGMA application_id = 7") }, "not Kivuko's"},
		"a newer Kivuko's":              {newer, "newer Kivuko"},
		"cut short":                     {cutShort, "cannot open"},
		"damaged":                       {damaged, "malformed"},
		"without its secret":            {func(t *testing.T, path string) { made(t, path); must(t, os.Remove(path+".secret")) }, "secret"},
		"with another one's secret":     {func(t *testing.T, path string) { made(t, path); write(t, path+".secret", strings.Repeat("ab", 32)) }, "other secrets"},
		"with a secret that is no such": {func(t *testing.T, path string) { made(t, path); write(t, path+".secret", "hello") }, "hexadecimal"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "below", "kivuko.db")
			must(t, os.Mkdir(filepath.Dir(path), 0o700))
			test.prepare(t, path)
			before := tree(t, root)
			isRefused(t, test.says, "--listen=127.0.0.1:0", "--db="+path)
			if after := tree(t, root); !maps.Equal(before, after) {
				t.Errorf("there was %v, and now there is %v, or their contents differ", names(before), names(after))
			}
		})
	}
}

func TestUnreadableDatabaseIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	path := filepath.Join(t.TempDir(), "kivuko.db")
	made(t, path)
	must(t, os.Chmod(path, 0))
	isRefused(t, "cannot open", "--listen=127.0.0.1:0", "--db="+path)
	must(t, os.Chmod(path, 0o400))
	isRefused(t, "cannot open", "--listen=127.0.0.1:0", "--db="+path)
}

func TestSameFileOpenedTwiceIsRefused(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "kivuko.db"), filepath.Join(t.TempDir(), "link.db")
	s := start(t, "--db="+path)
	must(t, os.Symlink(path, other))
	for _, name := range []string{path, other} {
		isRefused(t, "in use", "--listen=127.0.0.1:0", "--db="+name)
	}
	token(t, client(s.URL)) // the first one is not disturbed
	s.Stop(t)
	s = start(t, "--db="+path)
	s.Stop(t)
}

// made makes a database of ours.
func made(t *testing.T, path string) {
	t.Helper()
	s := start(t, "--db="+path)
	s.Stop(t)
}

func newer(t *testing.T, path string) {
	made(t, path)
	execute(t, path, "PRAGMA user_version = 1000")
}

func cutShort(t *testing.T, path string) {
	made(t, path)
	must(t, os.Truncate(path, 100))
}

// damaged writes over the first page's list of tables.
func damaged(t *testing.T, path string) {
	made(t, path)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("\xff", 3000)), 100)
	must(t, err)
	must(t, f.Close())
}

func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	for _, x := range statements {
		_, err := db.ExecContext(t.Context(), x)
		must(t, err)
	}
	must(t, db.Close())
}

// write writes a file in place of whatever there was.
func write(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.RemoveAll(path))
	must(t, os.WriteFile(path, []byte(content), 0o600))
}

// tree reads all files below a directory.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			all[path] = "(directory)"
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	}))
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

const sesame = "bahari-ya-hindi"

func TestCommandsFindThePassword(t *testing.T) {
	at := controltest.New(t, func(o *controlapi.Options) { o.Door.Password = access.NewPassword(sesame) }).Serve(t)
	plain := strings.TrimPrefix(at, "http://")
	dir := t.TempDir()
	file, db := filepath.Join(dir, "pw"), filepath.Join(dir, "a.db")
	if err := os.WriteFile(file, []byte(sesame+"\nmore\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KIVUKO_DB", db)
	terminal{t: t, url: at}.fails("it takes Kivuko's password", "books")
	terminal{t: t, url: "http://:" + sesame + "@" + plain}.out("books")
	terminal{t: t, url: at}.out("books", "--password-file", file)
	for name, value := range map[string]string{"KIVUKO_PASSWORD": sesame, "KIVUKO_PASSWORD_FILE": file} {
		t.Setenv(name, value)
		terminal{t: t, url: at}.out("books")
		t.Setenv(name, "")
	}

	remove, err := leavePassword(db, sesame, at)
	if err != nil {
		t.Fatal(err)
	}
	terminal{t: t, url: at}.out("books")
	if err := os.Chmod(db+".password", 0o644); err != nil {
		t.Fatal(err)
	}
	terminal{t: t, url: at}.fails("other accounts can read the password", "books")
	remove()
	terminal{t: t, url: at}.fails("it takes Kivuko's password", "books")
}

// A password is for the Kivuko that left it.
func TestAPasswordGoesToNobodyElse(t *testing.T) {
	db := filepath.Join(t.TempDir(), "a.db")
	for range 2 { // the first one was killed
		if _, err := leavePassword(db, sesame, "http://127.0.0.1:7070"); err != nil {
			t.Fatal(err)
		}
	}
	for to, want := range map[string]string{"http://127.0.0.1:7070": sesame, "http://localhost:7070": sesame, "http://[::1]:7070": sesame, "http://127.0.0.1:7071": "",
		"http://evil.example:7070": "", "http://192.168.1.7:7070": "", "http://:other@127.0.0.1:7070": "other"} {
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&knownPassword{Beside: db}).addTo(u); err != nil {
			t.Error(err)
		}
		if got, _ := u.User.Password(); got != want {
			t.Errorf("to %s goes %q; want %q", to, got, want)
		}
	}
	for _, db := range []string{":memory:", "postgres://u:p@localhost/kivuko", ""} {
		if path := passwordFile(db); path != "" {
			t.Errorf("beside %s is %s", db, path)
		}
	}
}

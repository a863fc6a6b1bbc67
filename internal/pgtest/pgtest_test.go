package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childEnv turns this test binary into a process that starts a server and waits to be killed.
const childEnv = "PGTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "1" {
		child()
	}
	os.Exit(m.Run())
}

func child() {
	s, err := Run(context.Background(), Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.dir)
	select {}
}

func query(t *testing.T, s *Server, url, sql string) string {
	t.Helper()
	answer, err := s.client(t.Context(), "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--dbname="+url, "--command="+sql)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestEachDatabaseIsEmptyAndItsOwn(t *testing.T) {
	s := Start(t)
	for range 2 {
		url := s.Database(t)
		if n := query(t, s, url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != "0" {
			t.Errorf("%s has %s tables, want none", url, n)
		}
		query(t, s, url, "CREATE TABLE payments (id bigint)")
	}
}

func TestDatabasesOfParallelTests(t *testing.T) {
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := Start(t)
			query(t, s, s.Database(t), "CREATE TABLE payments (id bigint)")
		})
	}
}

func TestDatabaseGoesWithItsTestThoughSomeoneIsConnected(t *testing.T) {
	s := Start(t)
	var session *exec.Cmd
	t.Run("inner", func(t *testing.T) {
		session = connect(t, s, s.Database(t))
	})
	if t.Failed() {
		return
	}
	if err := session.Wait(); err == nil {
		t.Error("the session outlived its database")
	}
	if left := query(t, s, s.URL("postgres"), "SELECT datname FROM pg_database WHERE datname LIKE 'test%'"); left != "" {
		t.Errorf("databases left behind: %s", left)
	}
}

// connect leaves a psql session open, and returns once it is.
func connect(t *testing.T, s *Server, url string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(s.bin, "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname="+url,
		"--command=SELECT 'connected'", "--command=SELECT pg_sleep(600)")
	cmd.Env = environment()
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		t.Fatalf("session said %q: %v", line, err)
	}
	return cmd
}

func TestOptions(t *testing.T) {
	quick := Start(t)
	durable := StartWith(t, Options{Durable: true, Settings: map[string]string{"max_connections": "7"}})
	tests := []struct {
		name          string
		server        *Server
		setting, want string
	}{
		{"quick", quick, "fsync", "off"},
		{"quick", quick, "synchronous_commit", "on"}, // what a client can see of a commit stays as it is
		{"durable", durable, "fsync", "on"},
		{"durable", durable, "full_page_writes", "on"},
		{"durable", durable, "max_connections", "7"},
	}
	for _, test := range tests {
		if got := query(t, test.server, test.server.URL("postgres"), "SHOW "+test.setting); got != test.want {
			t.Errorf("%s: %s = %s, want %s", test.name, test.setting, got, test.want)
		}
	}
}

func TestStopRemovesTheDirectoryAndTwiceIsFine(t *testing.T) {
	s := StartWith(t, Options{})
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v, want that it does not exist", s.dir, err)
	}
}

func TestRefusedSettingIsExplained(t *testing.T) {
	Start(t) // skips without PostgreSQL
	_, err := Run(t.Context(), Options{Settings: map[string]string{"nonsense": "1"}})
	if err == nil || !strings.Contains(err.Error(), `unrecognized configuration parameter "nonsense"`) {
		t.Errorf("error %v does not name the setting", err)
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// The directory is the last thing that the supervisor removes, and it does so only after the server has ended.
func TestServerGoesWhenItsProcessIsKilled(t *testing.T) {
	s := Start(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dir, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	orphan := &Server{bin: s.bin, dir: strings.TrimSpace(dir)}
	session := connect(t, orphan, orphan.URL("postgres"))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
	if err := session.Wait(); err == nil {
		t.Error("the session outlived its server")
	}
	gone(t, orphan.dir)
}

// gone waits for a directory that another process is about to remove.
func gone(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clientTimeout)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s is still there", dir)
		}
	}
}

func TestProgramsPrefersPathThenTheNewest(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"path", "lib/9.6/bin", "lib/15/bin", "lib/17/bin"} {
		install(t, filepath.Join(root, dir), "initdb", "postgres", "pg_isready", "createdb", "dropdb")
	}
	install(t, filepath.Join(root, "partial"), "initdb")
	install(t, filepath.Join(root, "linked"))
	if err := os.Symlink(root+"/lib/15/bin/initdb", root+"/linked/initdb"); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, debian, want string }{
		{"in PATH", root + "/none:" + root + "/path", root + "/lib/*/bin", root + "/path"},
		{"only linked from PATH", root + "/linked", root + "/lib/*/bin", root + "/lib/15/bin"},
		{"newest of Debian's", root + "/partial::.", root + "/lib/*/bin", root + "/lib/17/bin"},
		{"9.6 is older than 15", "", root + "/lib/[91]*[65]/bin", root + "/lib/15/bin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, err := programs(test.path, test.debian); got != test.want || err != nil {
				t.Errorf("programs = %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if got, err := programs(root+"/none", root+"/none/*/bin"); !errors.Is(err, ErrMissing) {
		t.Errorf("programs = %q, %v; want %v", got, err, ErrMissing)
	}
}

func install(t *testing.T, dir string, programs ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// verdict is a testing.TB that remembers whether it was skipped or failed.
type verdict struct {
	testing.TB
	said string
}

func (v *verdict) Helper()        {}
func (v *verdict) Skip(a ...any)  { v.said = "skip: " + fmt.Sprint(a...) }
func (v *verdict) Fatal(a ...any) { v.said = "fatal: " + fmt.Sprint(a...) }

func TestMissingPostgreSQLSkipsUnlessRequired(t *testing.T) {
	tests := []struct {
		name, required string
		err            error
		want           string
	}{
		{"missing", "", ErrMissing, "skip: " + ErrMissing.Error()},
		{"missing but required", "1", ErrMissing, "fatal: " + ErrMissing.Error()},
		{"broken", "", io.ErrUnexpectedEOF, "fatal: " + io.ErrUnexpectedEOF.Error()},
		{"fine", "1", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(RequireEnv, test.required)
			v := &verdict{}
			check(v, test.err)
			if v.said != test.want {
				t.Errorf("said %q, want %q", v.said, test.want)
			}
		})
	}
}

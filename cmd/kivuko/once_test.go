package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/kivuko/kivuko/control"
)

// keyedOperations are the operations of the control API that take an Idempotency-Key, by method and a pattern of the path.
func keyedOperations(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	text, err := os.ReadFile("../../internal/controlapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	list := map[string]*regexp.Regexp{}
	for path, operations := range document.Paths {
		for method, operation := range operations {
			if strings.Contains(string(operation), "IdempotencyKey") {
				list[strings.ToUpper(method)+" "+path] = regexp.MustCompile("^" + strings.ToUpper(method) + " " + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "[^/]+") + "$")
			}
		}
	}
	return list
}

// keyedCommands are the commands that take --idempotency-key.
func keyedCommands(t *testing.T) (list []string) {
	t.Helper()
	parser, err := kong.New(&commands{}, vars())
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		if slices.ContainsFunc(leaf.Flags, func(f *kong.Flag) bool { return f.Name == "idempotency-key" }) {
			list = append(list, strings.TrimPrefix(leaf.FullPath(), parser.Model.Name+" "))
		}
	}
	return list
}

// Every command whose request moves money takes a key and sends it: those that have the flag send it to operations that take it, and each
// of these has a command.
func TestCommandsThatMoveMoneySendTheirKey(t *testing.T) {
	operations, commands := keyedOperations(t), keyedCommands(t)
	if len(operations) < 10 || len(commands) < 10 {
		t.Fatalf("%d operations and %d commands take a key", len(operations), len(commands))
	}
	var header http.Header
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header, asked = r.Header, r.Method+" "+r.URL.Path
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "bulk.csv")
	if err := os.WriteFile(file, []byte("phone,amount\n0708374149,100\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	reached, ran := map[string]bool{}, map[string]bool{}
	for _, line := range []string{
		"phone pay 0708374149 300584 100", "phone send 0708374149 0705912645 100", "phone withdraw 0708374149 100", "phone deposit 0708374149 100",
		"phone pochi 0708374149 100", "answer 0708374149 --pin 1234", "answer 0708374149 --cancel",
		"org settle 174379", "org move 174379 working utility 10", "org withdraw 174379 10", "org deposit 174379 10", "org initiate 174379 settle",
		"task approve 174379 1", "task reject 174379 1 no", "bulk submit 174379 " + file,
	} {
		header = nil
		for _, key := range []string{"", "k 1"} {
			args := append(strings.Fields(line), "--url", server.URL)
			if key != "" {
				args = append(args, "--idempotency-key", key)
			}
			_ = runClient(t, t.Context(), strings.NewReader(""), t.Output(), args...) // what "{}" comes to is no matter here
			if got := header.Get(control.IdempotencyHeader); header == nil || got != key {
				t.Errorf("kivuko %s sends the key %q, want %q", line, got, key)
			}
		}
		for _, command := range commands {
			if line == command || strings.HasPrefix(line, command+" ") {
				ran[command] = true
			}
		}
		keyed := false
		for name, path := range operations {
			if path.MatchString(asked) {
				keyed, reached[name] = true, true
			}
		}
		if !keyed {
			t.Errorf("kivuko %s sends a key to %s, which takes none", line, asked)
		}
	}
	for _, command := range commands {
		if !ran[command] {
			t.Errorf("kivuko %s takes a key and isn't tried here", command)
		}
	}
	for name := range operations {
		if !reached[name] {
			t.Errorf("no command that takes a key asks for %s", name)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

// terminal runs a command against a world.
type terminal struct {
	*controltest.World
	t     *testing.T
	url   string
	input string // of the commands
}

func startWorld(t *testing.T) terminal {
	w := controltest.New(t)
	return terminal{World: w, t: t, url: w.Serve(t)}
}

func (k terminal) try(args ...string) (string, error) {
	k.t.Helper()
	var out bytes.Buffer
	err := runClient(k.t, k.t.Context(), strings.NewReader(k.input), &out, append(args, "--url", k.url)...)
	return out.String(), err
}

// prints fails the test unless the command prints the text: lines as they stand, but for the space in front of all of them.
func (k terminal) prints(want string, args ...string) {
	k.t.Helper()
	got, err := k.try(args...)
	if err != nil {
		k.t.Fatalf("kivuko %s: %v", strings.Join(args, " "), err)
	}
	want = strings.TrimPrefix(strings.ReplaceAll(want, "\n\t\t", "\n"), "\n")
	if got != want {
		k.t.Errorf("kivuko %s prints\n%s\nwant\n%s", strings.Join(args, " "), got, want)
	}
}

// fails fails the test unless the command fails and says so.
func (k terminal) fails(says string, args ...string) error {
	k.t.Helper()
	got, err := k.try(args...)
	if err == nil || !strings.Contains(err.Error(), says) {
		k.t.Errorf("kivuko %s: got %v and %q, want an error that says %q", strings.Join(args, " "), err, got, says)
	}
	return err
}

// failsShowing fails the test unless the command prints what went wrong, and fails with the error.
func (k terminal) failsShowing(want error, says string, args ...string) {
	k.t.Helper()
	if out, err := k.try(args...); !errors.Is(err, want) || !strings.Contains(out, says) {
		k.t.Errorf("kivuko %q prints %q and fails with %v, want %q and %v", args, out, err, says, want)
	}
}

// json reads what the command prints as JSON.
func (k terminal) json(v any, args ...string) {
	k.t.Helper()
	got, err := k.try(append(args, "--json")...)
	if err != nil {
		k.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), v); err != nil {
		k.t.Fatalf("%v: %s", err, got)
	}
}

func runClient(t *testing.T, ctx context.Context, in io.Reader, out io.Writer, args ...string) error {
	t.Helper()
	parser, err := kong.New(&clientCommands{}, kong.Name("kivuko"), kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(in, (*io.Reader)(nil)), kong.BindTo(out, (*io.Writer)(nil)), vars(), kong.Bind(diagnostics{io.Discard}))
	if err != nil {
		t.Fatal(err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return command.Run()
}

func isUsage(err error) bool {
	_, ok := errors.AsType[usageError](err)
	return ok
}

func TestNoKivukoIsThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	terminal{t: t, url: server.URL}.fails("is not a Kivuko of this version", "books")
	server.Close()
	terminal{t: t, url: server.URL}.fails("no Kivuko answers at "+server.URL+"; 'kivuko serve' starts one, --url or KIVUKO_URL names another", "books")
	withPassword := strings.Replace(server.URL, "http://", "http://:hush@", 1)
	if err := (terminal{t: t, url: withPassword}).fails("no Kivuko answers", "books"); strings.Contains(err.Error(), "hush") {
		t.Errorf("the password is printed: %v", err)
	}
	for _, url := range []string{"127.0.0.1:7070", "localhost", "ftp://127.0.0.1", "http://", "http://%zz"} {
		if err := (terminal{t: t, url: url}).fails("it has to be like http://127.0.0.1:7070", "books"); !isUsage(err) {
			t.Errorf("%s: %v is no usage error", url, err)
		}
	}
}

func TestTheURLComesFromTheEnvironment(t *testing.T) {
	t.Setenv("KIVUKO_URL", controltest.New(t).Serve(t))
	var out bytes.Buffer
	if err := runClient(t, t.Context(), strings.NewReader(""), &out, "books"); err != nil || !strings.Contains(out.String(), "accounts") {
		t.Errorf("got %v and %s", err, out.String())
	}
}

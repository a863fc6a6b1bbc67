package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/proctest"
)

// asProgram is the environment variable that makes the test binary behave as the program.
const asProgram = "KIVUKO_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "KIVUKO_") {
			os.Unsetenv(name) // the tests' own flags count
		}
	}
	os.Exit(m.Run())
}

// program is a command that runs kivuko as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// start starts a `kivuko serve` on a free port.
func start(t *testing.T, flags ...string) *proctest.Server {
	t.Helper()
	return proctest.Start(t, program(t, append([]string{"serve", "--listen=127.0.0.1:0", "--log=off"}, flags...)...))
}

// call runs a command that ends by itself.
func call(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, diag bytes.Buffer
	status = run(ctx, args, strings.NewReader(""), &out, &diag)
	return status, out.String(), diag.String()
}

func TestVersionIsOneLine(t *testing.T) {
	status, out, diag := call(t.Context(), "version")
	if status != 0 || diag != "" || !regexp.MustCompile(`^kivuko v\d+\.\d+\.\d+\S* go\S+ \S+/\S+\n$`).MatchString(out) {
		t.Errorf("status %d, %q, %q", status, out, diag)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"help"}, {"--help"}, {"-h"}} {
		status, out, diag := call(t.Context(), args...)
		if status != 0 || diag != "" {
			t.Errorf("kivuko %q: status %d, %q", args, status, diag)
		}
		for _, word := range []string{"serve", "phone", "answer", "payments", "callbacks", "journal", "books", "version", "kivuko serve "} {
			if !strings.Contains(out, word) {
				t.Errorf("kivuko %q says nothing of %q:\n%s", args, word, out)
			}
		}
	}
	for _, args := range [][]string{{"help", "serve"}, {"serve", "--help"}} {
		status, out, _ := call(t.Context(), args...)
		if status != 0 || !strings.Contains(out, "--answer-after") || !strings.Contains(out, "KIVUKO_ANSWER_AFTER") {
			t.Errorf("kivuko %q: status %d\n%s", args, status, out)
		}
	}
}

func TestEveryFlagOfServeIsAlsoAnEnvironmentVariable(t *testing.T) {
	camel := regexp.MustCompile(`([a-z])([A-Z])`)
	for _, f := range reflect.VisibleFields(reflect.TypeFor[serve]()) {
		if f.Anonymous {
			continue // its flags follow
		}
		want := "KIVUKO_" + strings.ToUpper(camel.ReplaceAllString(f.Name, "${1}_${2}"))
		if got := f.Tag.Get("env"); got != want {
			t.Errorf("%s: %q, want %q", f.Name, got, want)
		}
		if f.Tag.Get("help") == "" {
			t.Errorf("%s has no help", f.Name)
		}
	}
}

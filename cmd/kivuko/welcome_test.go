package main

import (
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
	"github.com/kivuko/kivuko/internal/testworld"
)

// welcomed is a server and what it has printed to begin with.
type welcomed struct {
	*proctest.Server
	text string
	db   string // where commands look for the password
}

// serveWelcome starts a server whose phones answer at once, and reads what it prints.
func serveWelcome(t *testing.T, flags ...string) *welcomed {
	t.Helper()
	w := &welcomed{Server: proctest.Start(t, program(t, append([]string{"serve", "--answer-after=0s", "--log=warn"}, flags...)...))}
	for _, f := range flags {
		if db, ok := strings.CutPrefix(f, "--db="); ok {
			w.db = db
		}
	}
	for !strings.HasSuffix(w.text, "\"test\"}'\n") {
		line, ok := w.Line()
		if !ok {
			t.Fatalf("there is no example:\n%s", w.text)
		}
		w.text += line + "\n"
	}
	return w
}

// try runs the printed example as it stands, and sees that a customer has paid a shilling.
func (w *welcomed) try(t *testing.T) {
	t.Helper()
	_, script, _ := strings.Cut(w.text, "Ask a customer for KES 1:\n")
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
	cmd.Env = program(t).Env
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"ResponseCode":"0"`) {
		t.Fatalf("the example ended with %v:\n%s\nof\n%s", err, out, w.text)
	}
	proctest.Await(t, "the payment", func() bool {
		_, out, _ := call(t.Context(), "payments", "--url", w.URL, "--known-db", w.db, "--state", "completed", "--json")
		return strings.Contains(out, `"amount": "1.00"`)
	})
}

// The example that serve prints works as printed, whatever the profile and the database, and only secrets that are published or new are shown.
func TestThePrintedExampleWorks(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the example needs %s", tool)
		}
	}
	db := func(t *testing.T) string { return "--db=" + filepath.Join(t.TempDir(), "kivuko.db") }
	const password = "Ferry-over-7-rivers"
	loopback, everywhere := "--listen=127.0.0.1:0", "--listen=0.0.0.0:0"
	for _, x := range []struct {
		name   string
		flags  []string
		random bool // its secrets are its own
		rotate bool // the app's secret and the passkey, before another start
	}{
		{"sandbox", []string{loopback}, false, false},
		{"sandbox, rotated", []string{loopback}, false, true},
		{"strict", []string{loopback, "--profile=strict"}, true, false},
		{"strict, rotated", []string{loopback, "--profile=strict"}, true, true},
		{"strict with the sample", []string{loopback, "--profile=strict", "--world=sample"}, false, false},
		{"every address", []string{everywhere}, true, false},
		{"every address, strict", []string{everywhere, "--profile=strict"}, true, false},
		{"every address, with a password", []string{everywhere, "--password=" + password}, true, true},
		{"nothing, with a password", []string{everywhere, "--password=" + password, "--world=none"}, true, false},
		{"published secrets", []string{everywhere, "--world=sample", "--published-secrets"}, false, false},
		{"nothing", []string{loopback, "--world=none"}, true, false},
		{"nothing, strict", []string{everywhere, "--world=none", "--profile=strict"}, true, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			flags := append(x.flags, db(t))
			w := serveWelcome(t, flags...)
			w.try(t)
			sample := strings.Contains(w.text, testworld.Secret) || strings.Contains(w.text, testworld.Passkey) || strings.Contains(w.text, "PIN "+testworld.PIN)
			if sample == x.random {
				t.Errorf("published secrets are shown: %t\n%s", sample, w.text)
			}
			if x.rotate {
				rotated(t, w)
			}
			w.Stop(t)
			again := serveWelcome(t, flags...)
			again.try(t)
			for _, secret := range secretsIn(w.text) {
				if strings.Contains(again.text, secret) && (x.random || x.rotate) {
					t.Errorf("a secret is shown again:\n%s", again.text)
				}
			}
			again.Stop(t)
		})
	}
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		w := serveWelcome(t, everywhere, "--db=:memory:")
		w.try(t)
		w.Stop(t)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		flags := []string{everywhere, "--db=" + pgtest.Start(t).Database(t), "--key-file=" + filepath.Join(t.TempDir(), "key")}
		w := serveWelcome(t, flags...)
		w.try(t)
		other := serveWelcome(t, append(flags, "--profile=strict")...) // on the same database: it has the secrets of the first
		other.try(t)
		if strings.Contains(other.text, "made for this database") {
			t.Errorf("secrets were made twice:\n%s", other.text)
		}
		w.Stop(t)
		other.Stop(t)
	})
}

// rotated replaces the secrets that the example shows.
func rotated(t *testing.T, w *welcomed) {
	t.Helper()
	key := regexp.MustCompile(`consumer key  (\S+)`).FindStringSubmatch(w.text)[1]
	for _, args := range [][]string{{"app", "rotate", key}, {"org", "set", "174379", "--passkey", "new"}} {
		if status, _, diag := call(t.Context(), append(args, "--url", w.URL, "--known-db", w.db)...); status != 0 {
			t.Fatal(diag)
		}
	}
}

// secretsIn are the consumer secret and the passkey that a welcome shows.
func secretsIn(text string) (list []string) {
	for _, m := range regexp.MustCompile(`(?m)^  (?:consumer key|paybill) .* (?:secret|passkey) +(\S+)$`).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

// What is printed of a new database with secrets of its own is all that it takes to be somebody there.
func TestSecretsThatWereMadeAreTheDatabases(t *testing.T) {
	w := serveWelcome(t, "--listen=127.0.0.1:0", "--db=:memory:", "--profile=strict")
	made := map[string]string{}
	_, table, _ := strings.Cut(w.text, "These secrets were made")
	for _, m := range regexp.MustCompile(`(?m)^  (\S.*?)  +(consumer key|consumer secret|passkey|password|answer to the security questions|PIN)  +(\S+)$`).FindAllStringSubmatch(table, -1) {
		made[m[1]+"|"+m[2]] = m[3]
	}
	if len(made) != 13 {
		t.Fatalf("%d secrets: %v\n%s", len(made), made, w.text)
	}
	for _, who := range []string{"testapi", "norole", "locked"} {
		status, credential, diag := call(t.Context(), "credential", "--url", w.URL, made["operator "+who+"|password"])
		if status != 0 {
			t.Fatal(diag)
		}
		_, out, diag := call(t.Context(), "credential", "check", "--url", w.URL, strings.TrimSpace(credential), "--shortcode", "600996", "--operator", who)
		if !strings.Contains(out, "right") {
			t.Errorf("%s: %s %s", who, out, diag)
		}
	}
	for _, who := range []string{"admin", "manager", "checker", "clerk", "auditor"} {
		step, err := control.New(w.URL).SignIn(t.Context(), "600000", who, made["portal's "+who+"|password"])
		if err != nil || step.Step != control.StepOTP {
			t.Errorf("%s: %+v, %v", who, step, err)
		}
	}
	values := map[string]bool{}
	for _, v := range made {
		values[v] = true
	}
	if len(values) != len(made) {
		t.Errorf("secrets are the same: %v", made)
	}
	w.Stop(t)
}

// Published secrets are served to this machine only, unless somebody insists.
func TestPublishedSecretsStayOnThisMachine(t *testing.T) {
	sample, private := filepath.Join(t.TempDir(), "sample.db"), filepath.Join(t.TempDir(), "private.db")
	for db, flags := range map[string][]string{sample: nil, private: {"--world=random"}} {
		s := serveWelcome(t, append(flags, "--listen=127.0.0.1:0", "--db="+db)...)
		s.Stop(t)
	}
	everywhere := "--listen=0.0.0.0:0"
	isRefused(t, "--published-secrets", everywhere, "--db=:memory:", "--world=sample")
	isRefused(t, "--published-secrets", everywhere, "--db=:memory:", "--world=sample", "--profile=strict")
	isRefused(t, "the secret of the app kivuko-key (kivuko app rotate kivuko-key)", everywhere, "--db="+sample)
	isRefused(t, "the passkey of 174379", "--listen=127.0.0.1:0", "--profile=strict", "--db="+sample)
	isRefused(t, "the passwords of admin, auditor", everywhere, "--world=none", "--log=off", "--db="+sample) // the database keeps its world
	isRefused(t, "a seed makes every secret predictable", everywhere, "--db=:memory:", "--seed=7")
	isRefused(t, "a seed makes every secret predictable", "--listen=127.0.0.1:0", "--profile=strict", "--db=:memory:", "--seed=7")
	for _, flags := range [][]string{
		{everywhere, "--db=" + private}, {"--listen=127.0.0.1:0", "--profile=strict", "--db=" + private},
		{"--listen=127.0.0.1:0", "--profile=strict", "--world=sample", "--db=" + sample},
	} {
		s := serveWelcome(t, flags...)
		s.Stop(t)
		if s.Stderr() != "" {
			t.Errorf("%q warns: %s", flags, s.Stderr())
		}
	}
	for _, flags := range [][]string{{everywhere, "--published-secrets"}, {"--listen=127.0.0.1:0", "--password=behind-a-proxy-7"}} {
		s := serveWelcome(t, append(flags, "--db="+sample)...)
		s.Stop(t)
		for _, what := range []string{"secret of the app kivuko-key", "passkey of 174379", "passwords of admin"} {
			if !strings.Contains(s.Stderr(), what) {
				t.Errorf("%q: nothing warns of the %s:\n%s", flags, what, s.Stderr())
			}
		}
	}
}

// An address that stands for all is printed as one that a browser can open.
func TestTheAddressOfAllAddressesCanBeOpened(t *testing.T) {
	w := serveWelcome(t, "--listen=0.0.0.0:0", "--db=:memory:")
	host, port, err := net.SplitHostPort(strings.TrimPrefix(w.URL, "http://"))
	if err != nil || host != "127.0.0.1" {
		t.Errorf("it prints %s, %v", w.URL, err)
	}
	if strings.Contains(w.text, "0.0.0.0") {
		t.Errorf("it prints the address of all addresses:\n%s", w.text)
	}
	for _, m := range regexp.MustCompile(`elsewhere +(\S+)`).FindAllStringSubmatch(w.text, -1) {
		if !strings.HasSuffix(m[1], ":"+port) {
			t.Errorf("it prints %s", m[1])
		}
	}
	w.Stop(t)
}

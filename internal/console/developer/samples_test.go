package developer_test

import (
	"context"
	"encoding/json"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/developer"
	"github.com/kivuko/kivuko/kivukotest"
)

// sandbox is an M-PESA in which every draft has what it speaks of.
type sandbox struct {
	*kivukotest.World
	t   *testing.T
	app *control.App
	env []string // of samples
}

func startSandbox(t *testing.T) *sandbox {
	k := kivukotest.Start(t, kivuko.Config{})
	c := k.Control()
	app, err := c.CreateApp(t.Context(), control.AppChange{Name: new("Duka")})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Call(t.Context(), http.MethodPost, "phones/254708374149/pay", map[string]string{"shortcode": "600999", "amount": "50", "account": "INV-1"}, new(control.Payment)); err != nil {
		t.Fatal(err)
	}
	test, err := c.Credentials(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	credential, err := c.EncryptCredential(t.Context(), test.InitiatorPassword)
	if err != nil {
		t.Fatal(err)
	}
	return &sandbox{k, t, app, append(os.Environ(), "CONSUMER_SECRET="+app.Secret, "PASSKEY="+test.Passkey, "SECURITY_CREDENTIAL="+credential)}
}

// drafts calls do with a draft for each API.
func (s *sandbox) drafts(do func(t *testing.T, d *control.Draft)) {
	tables, err := s.Control().Catalogue(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range tables.APIs {
		s.t.Run(a.Path, func(t *testing.T) {
			d, err := s.Control().Draft(t.Context(), s.app.Key, a.Path)
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Notes) != 0 && a.Name != "c2bsimulate" {
				t.Errorf("the draft lacks something: %q", d.Notes)
			}
			do(t, d)
		})
	}
}

// accepted fails the test unless the app's latest request was to the API, and was taken.
func (s *sandbox) accepted(t *testing.T, api *control.CatalogueAPI, output string) {
	t.Helper()
	list, err := s.Control().Journal(t.Context(), control.JournalFilter{App: s.app.Key, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	path, _, _ := strings.Cut(api.Path, "?")
	if len(list.Items) == 0 || list.Items[0].Path != path || list.Items[0].Status != http.StatusOK || list.Items[0].Code != "" && list.Items[0].Code != "1001" {
		t.Errorf("the latest request is %+v; the program said:\n%s", list.Items, output)
	}
	if output == "" {
		t.Error("the program printed nothing")
	}
}

func TestEveryDraftIsAccepted(t *testing.T) {
	s := startSandbox(t)
	s.drafts(func(t *testing.T, d *control.Draft) {
		got, err := s.Control().Simulate(t.Context(), control.Simulate{App: s.app.Key, Path: d.API.Path, Body: d.Body})
		if err != nil {
			t.Fatal(err)
		}
		s.accepted(t, &d.API, string(got.Answer))
	})
}

// program runs a sample in a language, and gives what it prints.
func (s *sandbox) program(t *testing.T, d *control.Draft, language string, command ...string) string {
	t.Helper()
	code, err := developer.Sample(language, s.URL(), s.app.Key, &d.API, string(d.Body))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sample."+map[string]string{"curl": "sh", "go": "go", "node": "mjs", "python": "py", "php": "php"}[language])
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := s.run(t.Context(), append(command, file)...)
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, output, code)
	}
	return output
}

func (s *sandbox) run(ctx context.Context, command ...string) (string, error) {
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Env = s.env
	output, err := c.CombinedOutput()
	return string(output), err
}

// sorts are APIs whose requests need a password, a credential, both a text and a number, or nothing: samples in languages that take their
// time to start are run for one version of these.
func sorts() map[string]bool {
	return map[string]bool{"stkpush": true, "b2c": true, "qr": true, "oauth": true}
}

func TestSamplesRun(t *testing.T) {
	s := startSandbox(t)
	for _, x := range []struct {
		language string
		command  []string
	}{
		{"curl", []string{"sh"}}, {"python", []string{"python3"}}, {"node", []string{"node"}}, {"php", []string{"php"}},
	} {
		t.Run(x.language, func(t *testing.T) {
			if _, err := exec.LookPath(x.command[0]); err != nil {
				t.Skipf("there is no %s", x.command[0])
			}
			if x.language == "curl" {
				if _, err := exec.LookPath("curl"); err != nil {
					t.Skip("there is no curl")
				}
			}
			in := *s
			in.t = t
			run := sorts()
			in.drafts(func(t *testing.T, d *control.Draft) {
				if x.language == "curl" || run[d.API.Name] {
					run[d.API.Name] = false
					s.accepted(t, &d.API, s.program(t, d, x.language, x.command...))
				}
			})
		})
	}
}

// Each Go sample can be read and has a field for each of the draft's members.
func TestGoSamples(t *testing.T) {
	s := startSandbox(t)
	run := sorts()
	s.drafts(func(t *testing.T, d *control.Draft) {
		code, err := developer.Sample("go", s.URL(), s.app.Key, &d.API, string(d.Body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "sample.go", code, parser.AllErrors); err != nil || strings.Contains(code, "has no field") {
			t.Errorf("%v in\n%s", err, code)
		}
		if run[d.API.Name] {
			run[d.API.Name] = false
			s.accepted(t, &d.API, s.program(t, d, "go", "go", "run"))
		}
	})
}

// A proxy speaks for others, so there is a password where one speaks TLS.
func TestSamplesAskWhereTheBrowserDoes(t *testing.T) {
	const password = "bahari-hindi-2"
	k := kivukotest.Start(t, kivuko.Config{Password: password})
	ask := func(method, path, body string, cookies ...*http.Cookie) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, k.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-Proto", "https")
		for _, c := range cookies {
			r.AddCookie(c)
		}
		response, err := http.DefaultTransport.RoundTrip(r) // which follows no redirects
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		shown, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response, string(shown)
	}
	signedIn, _ := ask(http.MethodPost, "/sign-in", "password="+password)
	response, shown := ask(http.MethodGet, "/developer/simulator/oauth/v1/generate", "", signedIn.Cookies()...)
	if want := strings.Replace(k.URL(), "http:", "https:", 1); response.StatusCode != http.StatusOK || !strings.Contains(shown, want) {
		t.Errorf("HTTP %d: the samples don't ask %s", response.StatusCode, want)
	}
}

// What is typed arrives as it is, also where a Password is made of it.
func TestSamplesQuoteWhatIsTyped(t *testing.T) {
	s := startSandbox(t)
	const nasty = `a'b"c\d$HOME` + "`id`" + `%s<x>&{{é}`
	for path, field := range map[string]string{"/mpesa/qrcode/v1/generate": "MerchantName", "/mpesa/stkpush/v1/processrequest": "BusinessShortCode"} {
		d, err := s.Control().Draft(t.Context(), s.app.Key, path)
		if err != nil {
			t.Fatal(err)
		}
		var body map[string]string
		if err := json.Unmarshal(d.Body, &body); err != nil {
			t.Fatal(err)
		}
		body[field] = nasty
		if d.Body, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
		for language, command := range map[string]string{"curl": "sh", "python": "python3", "node": "node", "php": "php"} {
			if _, err := exec.LookPath(command); err != nil {
				continue
			}
			s.program(t, d, language, command)
			list, err := s.Control().Journal(t.Context(), control.JournalFilter{App: s.app.Key, Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			var sent map[string]string
			if err := json.Unmarshal(list.Items[0].Request, &sent); err != nil || sent[field] != nasty {
				t.Errorf("%s sends %q, %v; want %q", language, sent[field], err, nasty)
			}
		}
	}
}

package weburl_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/weburl"
)

func TestRules(t *testing.T) {
	strict := weburl.Production("strict")
	for url, want := range map[string][2]string{ // what the sandbox and the strict profile say
		"https://example.com/callback":            {},
		"https://example.com:8443/a?b=c":          {},
		"http://127.0.0.1:8080/callback":          {"", "https only"},
		"https://example.com/MPESA":               {"", `"mpesa"`},
		"https://safaricom.example.com/":          {"", `"safaricom"`},
		"https://example.com/" + long(2048):       {"the most", "the most"},
		"ftp://example.com/":                      {"expected http or https", "https only"},
		"https:///path":                           {"no host", "no host"},
		"https://user:secret@example.com/":        {"a user name", "a user name"},
		"https://Example.com/":                    {"upper-case", "upper-case"},
		"https://example.com:70000/":              {"no port", "no port"},
		"https://example.com/a b":                 {"a space", "a space"},
		"https://example.com/%zz":                 {"not a URL", "not a URL"},
		"https://example.com/executive":           {"", `"exe"`},
		"https://example.com/?callback=subquery":  {"", `"query"`},
		"https://example.com/m%70esa/not-decoded": {},

		"https://example.com/M_Pesa":             {"", `"m_pesa"`},
		"https://m.pesa.example.com/":            {"", `"m.pesa"`},
		"https://example.com/M.PESA":             {"", `"m.pesa"`},
		"https://example.com/m%20pesa":           {"", `"m%20pesa"`},
		"https://team.pesapal.com/pesa":          {},
		"https://example.com/?a b HTTP/1.1 x":    {"a space", "a space"},
		"https://example.com/\tx":                {"control character", "control character"},
		"https://example.com/\r\nX: y":           {"control character", "control character"},
		"https://example.com/\u202etxt.exe":      {"control character", "control character"},
		"https://example.com/#part":              {}, // no client sends it
		"https://b\u00fccher.example/":           {"Punycode", "Punycode"},
		"https://\uff11\uff12\uff17.\uff10.0.1/": {"Punycode", "Punycode"},
		"https://a<b>.example/":                  {"no host has", "no host has"},
		"https://[fe80::1%25eth0]/":              {"network interface", "network interface"},
		"https://./":                             {"no host", "no host"},
		"https://196.201.214.200/":               {},
		"https://[2606:4700::1111]/":             {},
		"https://shop.example.com./":             {},
		"https://localhost.example.com/":         {},
		"https://local.example/internal":         {},
		"http://localhost:8080/cb":               {"", "https only"},
		"https://example.invalid/cb":             {},
		"https://notwebhook.site.example.com/":   {},
		"https://httpbin.org.example.com/":       {},
		"https://196.201.214/":                   {"", "no address in its usual form"},
		"https://0x7f.0x0.0x0.0x1/":              {"", "no address in its usual form"},
		"https://0177.0.0.1/":                    {"", "no address in its usual form"},
		"https://127.1/":                         {"", "no address in its usual form"},
		"https://2130706433/":                    {"", "no address in its usual form"},
		"https://shop/callback":                  {"", "without a domain"},
		"https://a.home.arpa/":                   {"", "home.arpa"},
		"https://shop.localdomain/":              {"", "localdomain"},
		"https://sub.webhook.site/1":             {"", "webhook.site"},
		"https://abc.trycloudflare.com/":         {"", "trycloudflare.com"},
		"https://12ab-41-90.ngrok-free.app/":     {"", "ngrok"},
		"https://eo12.m.pipedream.net/":          {"", "pipedream.net"},
		"https://my-requestbin.example/":         {"", "requestbin"},
		"https://mockbin.org/x":                  {"", "mockbin"},
		"https://requestb.in/x":                  {"", "requestb.in"},
	} {
		for i, rules := range []weburl.Rules{{Profile: "sandbox"}, strict} {
			got := weburl.Check(url, rules)
			if (got == "") != (want[i] == "") || !strings.Contains(got, want[i]) {
				t.Errorf("%s: the %s profile says %q, want %q", url, rules.Profile, got, want[i])
			}
		}
	}
}

// What the strict profile does not connect to is refused when it is asked for: "any Localhost URL will be refused"
// (DarajaTutorial, Register URL).
func TestProductionsRulesRefuseWhatIsNotOnTheInternet(t *testing.T) {
	for _, host := range []string{"localhost", "localhost.", "a.localhost", "shop.local", "shop.internal", "127.0.0.1", "127.255.0.1", "127.0.0.1.", "0.0.0.0", "10.0.0.1",
		"172.16.0.1", "192.168.1.5", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[::7f00:1]",
		"[fc00::1]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "127.1", "0x7f000001", "017700000001", "2130706433", "0", "merchant"} {
		for _, port := range []string{"", ":8443"} {
			url := "https://" + host + port + "/callback"
			if got := weburl.Check(url, weburl.Production("strict")); !strings.Contains(got, "hosts on the internet only") {
				t.Errorf("%s: the strict profile says %q", url, got)
			}
			if got := weburl.Check(url, weburl.Rules{Profile: "sandbox"}); got != "" {
				t.Errorf("%s: the sandbox says %q", url, got)
			}
		}
	}
}

func long(n int) string { return strings.Repeat("a", n) }

func TestATrialShowsTheWholeWay(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Host == "" {
			t.Errorf("got %s of %q", r.Method, r.Host)
		}
		fmt.Fprint(w, strings.Repeat("<", 5000))
	}))
	defer server.Close()
	got := weburl.Prober{}.Try(t.Context(), server.URL+"/callback?a=b")
	if got.Error != "" || len(got.Addresses) != 1 || len(got.Connections) != 1 || got.TLS == nil || got.TLS.Version != "TLS 1.3" || len(got.TLS.Chain) != 1 ||
		got.Answer == nil || got.Answer.Status != http.StatusOK || len(got.Answer.Text) != 1024 || !got.Answer.More {
		t.Errorf("got %+v, %+v", got, got.TLS)
	}
	if len(got.TLS.Problems) != 1 || !strings.Contains(got.TLS.Problems[0], "signed by itself") {
		t.Errorf("the problems are %q", got.TLS.Problems)
	}
	trusting := weburl.Prober{Roots: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}.Try(t.Context(), server.URL)
	if len(trusting.TLS.Problems) != 0 {
		t.Errorf("who trusts it finds %q", trusting.TLS.Problems)
	}
}

func TestATrialSaysWhereItEnded(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	short := weburl.Prober{Timeout: 200 * time.Millisecond}
	for _, x := range []struct {
		prober weburl.Prober
		url    string
		says   string
	}{
		{short, "nonsense", "it "},
		{short, "http://127.0.0.1:70000/", "it "},
		{short, "http://" + gone.Addr().String(), "connection refused"},
		{short, "http://" + silent.Addr().String(), "nothing came in time"},
		{weburl.Prober{}, strings.Replace(plain.URL, "http", "https", 1), "TLS"},
		{weburl.Prober{Reach: weburl.Reach{PublicOnly: true}}, plain.URL, weburl.ErrPrivate.Error()},
		{weburl.Prober{Resolver: nowhere()}, "http://nobody.invalid/", "nobody.invalid"},
	} {
		got := x.prober.Try(t.Context(), x.url)
		if !strings.Contains(got.Error, x.says) || got.Answer != nil {
			t.Errorf("%s: %+v; want %q", x.url, got, x.says)
		}
	}
}

// nowhere is a resolver that reaches nobody who could be asked.
func nowhere() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, fmt.Errorf("no network") }}
}

func TestRequirementsOfTheDocuments(t *testing.T) {
	broken := func(url string) (list []string) {
		for _, r := range weburl.Requirements(url, weburl.Prober{Timeout: time.Second}.Try(t.Context(), url)) {
			if r.Known && !r.Met {
				list = append(list, r.Found)
			}
		}
		return list
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer server.Close()
	got := broken(server.URL + "/ngrok/cmd")
	for _, want := range []string{`"http"`, `"cmd"`, "private", "HTTP 502"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("%q isn't among %q", want, got)
		}
	}
	if got := broken("https://x.ngrok.invalid:0"); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "ngrok") }) {
		t.Errorf("a public tester breaks %q", got)
	}
}

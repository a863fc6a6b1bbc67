package gateway_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/internal/weburl"
)

// strictBench is a gateway with the strict profile's rules, but for the limits of requests.
func strictBench(t *testing.T) *bench {
	return newBenchOver(t, testworld.CoreOptions{Policy: func(p *mpesa.Policy) { p.RegisterUnknown = false }}, func(o *gateway.Options) {
		o.Rules = gateway.Rules{Profile: "strict", SoleToken: true, URLs: weburl.Production("strict")}
	})
}

func TestStrictProfileTakesHTTPSOnly(t *testing.T) {
	b := strictBench(t)
	b.takesURLs(t, "https://mydomain.com/path", "HTTPS://mydomain.com/path")
	b.refusesURLs(t, "https only", "http://mydomain.com/path", "http://localhost/", "HTTP://mydomain.com/")
}

// The words are those of wire.md §6.1, in any case and anywhere in the URL.
func TestStrictProfileFiltersWords(t *testing.T) {
	b := strictBench(t)
	for _, word := range []string{"mpesa", "m-pesa", "safaricom", "exe", "exec", "cmd", "sql", "query"} {
		b.refusesURLs(t, "doesn't allow", "https://"+word+".mydomain.com/", "https://mydomain.com/"+word, "https://mydomain.com/a"+word+"b/c", "https://mydomain.com/?a="+word,
			"https://mydomain.com/#"+word, "https://mydomain.com/"+strings.ToUpper(word), "https://mydomain.com/"+strings.ToUpper(word[:1])+word[1:])
	}
	b.takesURLs(t, "https://mydomain.com/pesa", "https://mydomain.com/ex/e", "https://mydomain.com/c-m-d")
	newBench(t).takesURLs(t, "http://localhost/mpesa/exec?query=sql")
}

// "The same rules" hold for the URLs of all APIs (DarajaTutorial, Register URL), whatever a field is called: each field of the table whose
// form is a URL is tried.
func TestProductionsRulesHoldForTheURLsOfEveryAPI(t *testing.T) {
	refused := map[string]string{
		"http://mydomain.com/": "https only", "https://mydomain.com/mpesa": "mpesa", "https://mydomain.com/m_pesa": "m_pesa", "https://localhost/cb": "internet only",
		"https://127.0.0.1/cb": "internet only", "https://10.0.0.1/x": "internet only", "https://[::ffff:7f00:1]/x": "internet only", "https://foo.local/x": "internet only",
		"https://abc.ngrok.io/x": "tester", "https://webhook.site/x": "tester", "https://user:pw@mydomain.com/": "user name",
	}
	live, _ := liveBench(t)
	for name, b := range map[string]*bench{"strict": strictBench(t), "production": live} {
		found := 0
		for _, api := range apis.Paths() {
			for i := range api.Fields {
				if api.Fields[i].Form != apis.URL {
					continue
				}
				found++
				for url, explains := range refused {
					body := example(api)
					body[api.Fields[i].Name] = url
					a := b.postFields(t, api.Path, body, nil)
					if why := b.journal.Entries(0, 0, 1, nil)[0].Explanation; a.Status != 400 || !strings.Contains(string(a.Body), `"Bad Request - Invalid `+api.Fields[i].Name+`"`) || !strings.Contains(why, explains) {
						t.Errorf("%s: %s with %s %s: HTTP %d %s; the journal says %q", name, api.Path, api.Fields[i].Name, url, a.Status, a.Body, why)
					}
				}
			}
		}
		if found < 20 {
			t.Errorf("%s: only %d fields are URLs", name, found)
		}
	}
}

// example is a request whose fields have the right form.
func example(api *apis.Path) fields {
	marks := map[apis.Mark]string{
		apis.MarkExpress: "600000", apis.MarkShortcode1: "600000", apis.MarkShortcode2: "600001", apis.MarkTill: testworld.Till, apis.MarkPhone: testworld.John, apis.MarkInitiator: testworld.Operator,
		apis.MarkCallback: "https://mydomain.com/callback", apis.MarkReceipt: "PKE52PAWR9", apis.MarkAmount: "10", apis.MarkPaid: "600000", apis.MarkCheckout: "ws_CO_20112026120000125722000001",
		apis.MarkToday: "20261120", apis.MarkNextMonth: "20261220", apis.MarkYesterday: "2026-11-19 12:00:00", apis.MarkTomorrow: "2026-11-21 12:00:00",
		apis.MarkTimestamp: "20261120120000", apis.MarkPassword: "password", apis.MarkCredential: "credential", apis.MarkUnique: "unique",
	}
	f := fields{}
	for i := range api.Fields {
		text := api.Fields[i].Sample()
		for mark, value := range marks {
			text = strings.ReplaceAll(text, string(mark), value)
		}
		if text != "" {
			f[api.Fields[i].Name] = text
		}
	}
	return f
}

func (b *bench) takesURLs(t *testing.T, urls ...string) {
	t.Helper()
	for _, url := range urls {
		if a := b.Push(t, fields{"CallBackURL": url}); a.Status != 200 {
			t.Errorf("%s: HTTP %d %s", url, a.Status, a.Body)
			continue
		}
		b.enter(t, testworld.John, "cancel")
	}
}

func (b *bench) refusesURLs(t *testing.T, explains string, urls ...string) {
	t.Helper()
	before := b.Books(t)
	for _, url := range urls {
		b.refused(t, b.Push(t, fields{"CallBackURL": url}), codes.InvalidField("CallBackURL"), explains)
	}
	if after := b.Books(t); !reflect.DeepEqual(after, before) {
		t.Errorf("the books went from %+v to %+v", before, after)
	}
}

func TestStrictProfileKnowsItsCustomers(t *testing.T) {
	b := strictBench(t)
	b.CallBack = "https://mydomain.com/path"
	if a := b.Push(t, nil); a.Status != 200 {
		t.Errorf("a customer: HTTP %d %s", a.Status, a.Body)
	}
	b.nothingMoved(t)
	b.refused(t, b.Push(t, testworld.From("254799999999")), codes.SubscriberUnknown, "254799999999")
}

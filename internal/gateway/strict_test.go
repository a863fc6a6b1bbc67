package gateway_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/testworld"
)

// strictBench is a gateway with the strict profile's rules, but for the limits of requests.
func strictBench(t *testing.T) *bench {
	return newBenchOver(t, testworld.CoreOptions{Policy: func(p *mpesa.Policy) { p.RegisterUnknown = false }}, func(o *gateway.Options) {
		o.Rules = gateway.Rules{Profile: "strict", SoleToken: true, HTTPSOnly: true, WordFilter: true}
	})
}

func TestStrictProfileTakesHTTPSOnly(t *testing.T) {
	b := strictBench(t)
	b.takesURLs(t, "https://mydomain.com/path", "HTTPS://mydomain.com/path", "https://127.0.0.1/path") // where it leads is looked at when connecting
	b.refusesURLs(t, "https only", "http://mydomain.com/path", "http://localhost/", "HTTP://mydomain.com/")
}

// The words are those of wire.md §6.1, in any case and anywhere in the URL.
func TestStrictProfileFiltersWords(t *testing.T) {
	b := strictBench(t)
	for _, word := range []string{"mpesa", "m-pesa", "safaricom", "exe", "exec", "cmd", "sql", "query"} {
		b.refusesURLs(t, "doesn't allow", "https://"+word+".mydomain.com/", "https://mydomain.com/"+word, "https://mydomain.com/a"+word+"b/c", "https://mydomain.com/?a="+word,
			"https://mydomain.com/#"+word, "https://mydomain.com/"+strings.ToUpper(word), "https://mydomain.com/"+strings.ToUpper(word[:1])+word[1:])
	}
	b.takesURLs(t, "https://mydomain.com/pesa", "https://mydomain.com/ex/e", "https://mydomain.com/c-m-d", "https://mydomain.com/m_pesa")
	newBench(t).takesURLs(t, "http://localhost/mpesa/exec?query=sql")
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

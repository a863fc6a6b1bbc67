package browsertest_test

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// Every page there is, so that none is forgotten: nothing fails in it, and nothing reaches beyond a phone's screen or a desk's. The
// flows look closer.
func TestEveryPage(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{})
	var paid control.Payment
	if err := k.Control().Call(t.Context(), "POST", "phones/254708374149/pay", map[string]string{"shortcode": "600000", "account": "<b>INV-1</b>", "amount": "12"}, &paid); err != nil {
		t.Fatal(err)
	}
	m := testworld.NewMerchant(k.URL(), kivukotest.Collect(t).URL)
	m.Token(t)
	m.Push(t, testworld.Fields{"AccountReference": "<i>INV-2</i>"})
	pages, err := console.Pages(console.Samples{Customer: "254708374149", Shortcode: "600000", App: testworld.Key, Payment: paid.ID, Entry: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := portal(t, k, "auditor")
	p.Expect(403) // what an auditor may not see: the portal says so
	for _, page := range pages {
		path := page.Path
		if strings.Contains(path, ".csv") || path == "/developer/certificate" {
			continue // files
		}
		p.Go(path)
		p.Look(path, 360, "light")
		p.Look(path, 1440, "dark")
	}
}

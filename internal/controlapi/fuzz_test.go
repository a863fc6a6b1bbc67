package controlapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/journal"
)

// FuzzBodies sends anything to whatever takes a body. Every answer has to be as described, and the books have to balance.
func FuzzBodies(f *testing.F) {
	for _, body := range []string{`{"pin":"1234"}`, `{"cancel":true}`, `{"by":"90s"}`, `{"name":"a","balance":"1.50","answers":"off","afterMs":null}`,
		`{"balance":5,"limits":"","standing":"no-products","blocked":false}`, "[", `{"a":{}}`, "",
		`{"shortcode":"174379","account":"A","amount":10,"pin":"1234"}`, `{"to":"0705912645","amount":"1.50","pochi":true}`,
		`{"from":"working","to":"utility","amount":5}`, `{"amount":5,"account":"merchant"}`, `{"name":"a","kind":"till","store":"300585","products":["C2B"]}`,
		`{"responseType":"Completed","confirmation":"http://a","validation":"http://a"}`, `{"roles":[],"password":"short"}`, // one that is taken is hashed for a tenth of a second, which leaves no time to search
		`{"consumerSecret":"s","products":[],"quota":-1}`} {
		f.Add(body)
	}
	w := controltest.New(f)
	f.Fuzz(func(t *testing.T, body string) {
		c := caller{w, t}
		c.do(http.MethodPut, johns, body)
		c.do(http.MethodPost, johns+"/answer", body)
		c.do(http.MethodPost, "/kivuko/v1/clock/advance", body)
		for _, path := range []string{"/pay", "/send", "/withdraw", "/deposit", "/pochi"} {
			c.do(http.MethodPost, johns+path, body)
		}
		for _, path := range []string{"/move", "/withdraw", "/deposit", "/settle"} {
			c.do(http.MethodPost, shop+path, body)
		}
		for _, path := range []string{"", "/urls", "/operators/clerk"} {
			c.do(http.MethodPut, shop+path, body)
		}
		c.do(http.MethodPut, "/kivuko/v1/apps/key", body)
		var b control.Books
		if c.get("/kivuko/v1/books").answers(http.StatusOK, &b); !b.Balanced() {
			t.Errorf("the books are %+v", b)
		}
	})
}

// FuzzIdentifiers looks for payments, phones and callbacks by any name.
func FuzzIdentifiers(f *testing.F) {
	w := controltest.New(f)
	p := w.Pay(f, controltest.John, 10, "1234")
	for _, id := range []string{"100001", w.Mint.Receipt(p.ID, controltest.Start), w.Mint.Conversation(p.ID, controltest.Start),
		w.Mint.MerchantRequest(p.ID), "ws_CO_20112026120000125708374149", "0708374149", "174379", "-", "\x00", "ä/.."} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		c := caller{w, t}
		for _, collection := range []string{"payments", "phones", "callbacks", "organisations"} {
			c.get("/kivuko/v1/" + collection + "/" + url.PathEscape(id))
		}
	})
}

// FuzzJournal shows any body.
func FuzzJournal(f *testing.F) {
	for _, body := range []string{`{"Password":"a\"b"}`, `{"SecurityCredential":[`, "Password=1&", "\xff", `"`, strings.Repeat("9", 400)} {
		f.Add([]byte(body))
	}
	w := controltest.New(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		w.Journal.Add(journal.Entry{At: controltest.Start, Request: body, Status: 200})
		caller{w, t}.get("/kivuko/v1/journal?limit=1")
	})
}

package controlapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

// hostile are texts that steer the terminal, the page or the file in which somebody reads them.
var hostile = map[string]string{"a right-to-left override": "ab\u202ecd", "a line separator": "ab\u2028cd", "NUL": "ab\x00cd", "DEL": "ab\x7fcd", "ESC": "ab\x1b]0;cd\x07", "a C1 control": "ab\u009bcd",
	"a zero-width space": "ab\u200bcd", "a byte order mark": "\ufeffabcd", "a line break": "ab\r\ncd", "a tab": "ab\tcd", "half a character": "ab\xffcd", "a tag": "ab\U000e0041cd"}

// Every text that an operation takes in the body or the query is refused where it has such characters. What the path names is only looked up.
func TestHostileTextIsRefusedEverywhere(t *testing.T) {
	c := openShop(t)
	c.by("wanjiru", http.MethodPost, shop+"/tasks", `{"task":"withdraw","amount":1}`).answers(http.StatusCreated, new(any))
	path := strings.NewReplacer("{shortcode}", "174379", "{msisdn}", controltest.John.String(), "{key}", controltest.AppKey, "{username}", "clerk", "{id}", "100001")
	lines, reached := map[string]bool{}, map[string]bool{}
	for _, route := range controlapi.Routes() {
		at := "/kivuko/v1/" + path.Replace(route.Path)
		if route.Query != nil {
			for _, f := range controlapi.Fields("query", route.Query) {
				for what, text := range hostile {
					r := c.do(route.Method, at+"?"+f.Name+"="+url.QueryEscape(text), "")
					if reached[route.ID] = r.status == http.StatusBadRequest; !reached[route.ID] && r.status != http.StatusNotFound {
						t.Errorf("%s, %s with %s: HTTP %d: %s", route.ID, f.Name, what, r.status, r.body)
					}
				}
			}
		}
		if route.Body == nil {
			continue
		}
		for _, f := range controlapi.Fields("json", route.Body) {
			if is := f.Tag.Get("is"); is == "csv" || is == "judged" || is == "simulated body" {
				lines[is] = true
				continue
			}
			for what, text := range hostile {
				r := c.do(route.Method, at, `{"`+f.Name+`":`+quoted(text)+`}`)
				var problem control.Problem
				if json.Unmarshal(r.body, &problem); r.status == http.StatusBadRequest && problem.Field == f.Name {
					reached[route.ID] = true
				} else if r.status < 400 || reached[route.ID] {
					t.Errorf("%s, %s with %s: HTTP %d: %s", route.ID, f.Name, what, r.status, r.body)
				}
			}
		}
		if !reached[route.ID] && !route.Session && route.ID != "testCallback" {
			t.Errorf("%s is not reached", route.ID)
		}
	}
	if len(reached) < 40 || len(lines) != 3 {
		t.Errorf("%d operations, and of lines %v", len(reached), lines)
	}
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // never
	}
	return string(b)
}

// The words reach who asks, and nothing is kept. What has lines is refused where its cells have such characters; what goes to the gateway is
// for the gateway to judge.
func TestHostileTextIsNotKept(t *testing.T) {
	c := openShop(t)
	before := map[string]string{}
	kept := []string{johns, shop, shop + "/operators", "/kivuko/v1/apps", shop + "/tasks", shop + "/bulk"}
	for _, path := range kept {
		before[path] = string(c.get(path).body)
	}
	for what, text := range hostile {
		t.Run(what, func(t *testing.T) {
			c := caller{c.World, t}
			const says = "it has to be"
			c.do(http.MethodPut, johns, `{"name":`+quoted(text)+`}`).refuses(http.StatusBadRequest, "bad-field", "name", says)
			c.do(http.MethodPut, shop, `{"name":`+quoted(text)+`}`).refuses(http.StatusBadRequest, "bad-field", "name", says)
			c.do(http.MethodPut, shop+"/operators/clerk", `{"name":`+quoted(text)+`}`).refuses(http.StatusBadRequest, "bad-field", "name", says)
			c.do(http.MethodPut, "/kivuko/v1/apps/key", `{"name":`+quoted(text)+`}`).refuses(http.StatusBadRequest, "bad-field", "name", says)
			c.by("wanjiru", http.MethodPost, shop+"/tasks", `{"task":"withdraw","amount":1,"remarks":`+quoted(text)+`}`).refuses(http.StatusBadRequest, "bad-field", "remarks", says)
			c.by("wanjiru", http.MethodPost, shop+"/tasks/7/reject", `{"reason":`+quoted(text)+`}`).refuses(http.StatusBadRequest, "bad-field", "reason", says)
			c.by("wanjiru", http.MethodPost, bulk, `{"name":`+quoted(text)+`,"rows":[]}`).refuses(http.StatusBadRequest, "bad-field", "name", says)
			c.get(shop+"/tasks?initiator="+url.QueryEscape(text)).refuses(http.StatusBadRequest, "bad-parameter", "initiator", says)
			if r := c.get("/kivuko/v1/payments/" + url.PathEscape(text)); r.status != http.StatusNotFound || !harmless(string(r.body)) {
				t.Errorf("as a payment's: HTTP %d", r.status)
			}
			if r := c.by(text, http.MethodPost, shop+"/tasks", `{"task":"withdraw","amount":1}`); r.status < 400 || !harmless(string(r.body)) {
				t.Errorf("as an operator: HTTP %d: %q", r.status, r.body)
			}
			if r := c.with(http.Header{control.IdempotencyHeader: {text}}, http.MethodPost, johns+"/pay", `{"shortcode":"174379","account":"A","amount":10,"pin":"1234"}`); r.status != http.StatusBadRequest || !harmless(string(r.body)) {
				t.Errorf("as a key: HTTP %d: %q", r.status, r.body)
			}
			for path, body := range map[string]string{"credentials/check": `{"securityCredential":` + quoted(text) + `}`, "callbacks/test": `{"url":` + quoted("http://127.0.0.1:1/"+text) + `}`} {
				if r := c.do(http.MethodPost, "/kivuko/v1/"+path, body); !harmless(string(r.body)) {
					t.Errorf("%s: %s", path, r.body)
				}
			}
			for _, row := range []string{"254708374149,10," + text, "254708374149,10,wages," + text, "254708374149" + text + ",10"} {
				if strings.ContainsAny(text, "\n\t\ufeff") {
					continue // a row or a cell more, and what editors write at the beginning
				}
				if r := c.by("wanjiru", http.MethodPost, bulk, file("phone,amount,remarks,name\n"+row+"\n", `"command":"SalaryPayment"`)); r.status < 400 || !harmless(string(r.body)) {
					t.Errorf("in CSV: HTTP %d: %s", r.status, r.body)
				}
			}
			for _, cell := range []string{`{"phone":"254708374149","amount":"10","remarks":` + quoted(text) + `}`, `{"phone":"254708374149","amount":"10","name":` + quoted(text) + `}`, `{"phone":` + quoted(text) + `,"amount":"10"}`} {
				if r := c.by("wanjiru", http.MethodPost, bulk, `{"name":"a.csv","command":"SalaryPayment","rows":[`+cell+`]}`); r.status < 400 || !harmless(string(r.body)) {
					t.Errorf("in a row: HTTP %d: %s", r.status, r.body)
				}
			}
		})
	}
	for path, was := range before {
		if now := string(c.get(path).body); now != was {
			t.Errorf("%s is now %s; it was %s", path, now, was)
		}
	}
}

// harmless reports whether a text has none of the characters of hostile.
func harmless(text string) bool {
	return !slices.ContainsFunc([]rune(text), func(r rune) bool {
		return strings.ContainsRune("\u202e\u2028\x00\x7f\x1b\u009b\u200b\ufeff\U000e0041", r)
	})
}

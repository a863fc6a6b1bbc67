package controlapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/journal"
)

func TestJournalTellsWhyARequestWasRefused(t *testing.T) {
	c := start(t)
	c.Journal.Add(journal.Entry{
		At: controltest.Start, Took: 1250 * time.Microsecond, Method: "POST", Path: "/mpesa/stkpush/v1/processrequest", App: "kivuko-key",
		Remote: "127.0.0.1:5", Request: []byte(`{"Amount": 1.00, "Password":"MTc0" }`), Status: 500,
		Answer: []byte(`{"errorCode":"500.001.1001"}`), Code: "500.001.1001", Explanation: "Timestamp differs", Payment: 0,
	})
	var got control.Journal
	c.get("/kivuko/v1/journal").answers(http.StatusOK, &got)
	e := got.Items[0]
	if e.ID != 1 || e.TookMS != 1.25 || e.App != "kivuko-key" || e.Status != 500 || e.Code != "500.001.1001" || e.Explanation != "Timestamp differs" ||
		e.At.String() != "2026-11-20T12:00:00.125+03:00" {
		t.Errorf("got %+v", e)
	}
}

func TestJournalShowsBodiesAndMasksSecrets(t *testing.T) {
	c := start(t)
	for body, want := range map[string]string{
		``:                                      ``,
		`{"Amount":1.00,"PartyA":254708374149}`: `{"Amount":1.00,"PartyA":254708374149}`,
		`{"Password":"MTc0","A":[1]}`:           `{"Password":"***","A":[1]}`,
		`{"password" : "se\"cret,}", "A":1}`:    `{"password":"***","A":1}`,
		`{"Password":12345}`:                    `{"Password":"***"}`,
		`{"Password":null}`:                     `{"Password":"***"}`,
		`{"Password":["secret","secret"]}`:      `{"Password":"***"}`,
		`{"Password":{"a":"secret"}}`:           `{"Password":"***"}`,
		`{"a":{"SecurityCredential":"secret"}}`: `{"a":{"SecurityCredential":"***"}}`,
		`{"access_token":"secret","e":"3599"}`:  `{"access_token":"***","e":"3599"}`,
		`{"Remarks":"my Password"}`:             `{"Remarks":"my Password"}`,
		`{"Password":"secr`:                     `"{\"Password\":\"***\""`,
		`{"Password":"secret"`:                  `"{\"Password\":\"***\""`,
		`Password=secret&Amount=1`:              `"Password=***&Amount=1"`,
		`BusinessShortCode: 174379`:             `"BusinessShortCode: 174379"`,
		"\xff\x00":                              `"\ufffd\u0000"`,
		`"text"`:                                `"text"`,
		strings.Repeat("[", 5000):               `"` + strings.Repeat("[", 5000) + `"`,
		nested(100):                             nested(100),
		nested(9000):                            `"` + nested(9000) + `"`,
	} {
		c.Journal.Add(journal.Entry{At: controltest.Start, Request: []byte(body), Answer: []byte(body), Status: 200})
		var got control.Journal
		r := c.get("/kivuko/v1/journal?limit=1")
		r.answers(http.StatusOK, &got)
		for _, shown := range []json.RawMessage{got.Items[0].Request, got.Items[0].Answer} {
			if compact(t, shown) != compact(t, json.RawMessage(want)) {
				t.Errorf("%.80s is shown as %.80s, want %.80s", body, shown, want)
			}
		}
		if strings.Contains(string(r.body), "secret") {
			t.Errorf("a secret is shown: %s", r.body)
		}
	}
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// compact writes JSON without spaces, and with numbers as they stand.
func compact(t *testing.T, raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	b, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestJournalIsFilteredAndComesInPages(t *testing.T) {
	c := start(t)
	for n := range 6 {
		c.Journal.Add(journal.Entry{At: controltest.Start, Method: "POST", Path: fmt.Sprintf("/p%d", n%2), App: fmt.Sprintf("app%d", n%3), Status: 200 + 200*(n%2)})
	}
	for query, want := range map[string]struct {
		ids  []int64
		next int64
	}{
		"":                          {ids: []int64{6, 5, 4, 3, 2, 1}},
		"?path=/p1":                 {ids: []int64{6, 4, 2}},
		"?app=app2":                 {ids: []int64{6, 3}},
		"?status=400&app=app2":      {ids: []int64{6}},
		"?since=4":                  {ids: []int64{6, 5}},
		"?since=6":                  {},
		"?since=0&after=3":          {ids: []int64{2, 1}},
		"?limit=2":                  {ids: []int64{6, 5}, next: 5},
		"?limit=2&after=5&since=1":  {ids: []int64{4, 3}, next: 3},
		"?limit=2&after=3&since=1":  {ids: []int64{2}},
		"?limit=1000":               {ids: []int64{6, 5, 4, 3, 2, 1}},
		"?refused=true&app=app0":    {ids: []int64{4}},
		"?refused=false&limit=1000": {ids: []int64{6, 5, 4, 3, 2, 1}},
	} {
		var got control.Journal
		c.get("/kivuko/v1/journal"+query).answers(http.StatusOK, &got)
		var ids []int64
		for _, e := range got.Items {
			ids = append(ids, e.ID)
		}
		next, _ := strconv.ParseInt(got.Next, 10, 64) // "" is 0
		if !slices.Equal(ids, want.ids) || next != want.next {
			t.Errorf("%q gives %v and next %d, want %+v", query, ids, next, want)
		}
	}
}

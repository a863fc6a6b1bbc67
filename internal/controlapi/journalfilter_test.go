package controlapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/journal"
)

func TestRequestsAreFoundByWhatTheySay(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "1234")
	var shown control.Payment
	c.get(fmt.Sprintf("/kivuko/v1/payments/%d", p.ID)).answers(http.StatusOK, &shown)
	c.Journal.Add(journal.Entry{At: controltest.Start, API: "stkpush", Status: 200, Payment: p.ID,
		Request: []byte(`{"BusinessShortCode":"174379","PhoneNumber":"254708374149","Password":"s3cret"}`), Answer: []byte(`{"access_token":"t0ken"}`)})
	c.Journal.Add(journal.Entry{At: controltest.Start, API: "b2c", Status: 500, Code: "500.002.1001", Explanation: "OriginatorConversationID was USED before",
		Request: []byte(`{"PartyA":600000,"PartyB":"0708374149","OriginatorConversationID":"mine-1234"}`), Answer: []byte(`{"requestId":"ac7b-470b-8df7-1"}`)})
	c.Journal.Add(journal.Entry{At: controltest.Start, Status: 404, Code: "404.001.01", Path: "/nothing", Request: []byte(`{"a":"1254708374149"}`)})
	for query, want := range map[string][]int64{
		"api=stkpush":                          {1},
		"code=500.002.1001":                    {2},
		"number=0708374149":                    {2, 1},
		"number=%2B254708374149&refused=true":  {2},
		"number=174379":                        {1},
		"number=600000":                        {2},
		"number=600001":                        nil,
		"id=ac7b-470b-8df7-1":                  {2},
		"id=mine-1234":                         {2},
		"id=" + shown.CheckoutRequestID:        {1},
		"id=" + shown.Receipt:                  {1},
		fmt.Sprintf("id=%d", p.ID):             {1},
		fmt.Sprintf("payment=%d", p.ID):        {1},
		"payment=1":                            nil,
		"id=1":                                 nil,
		"text=used%20BEFORE":                   {2},
		"text=NOTHING":                         {3},
		"text=s3cret":                          nil,
		"text=t0ken":                           nil,
		"text=password":                        {1},
		"text=254708374149&status=404":         {3},
		"api=b2c&code=500.002.1001&status=500": {2},
	} {
		var got control.Journal
		c.get("/kivuko/v1/journal?"+query).answers(http.StatusOK, &got)
		var ids []int64
		for _, e := range got.Items {
			ids = append(ids, e.ID)
		}
		if !slices.Equal(ids, want) || got.Oldest != 1 {
			t.Errorf("%q gives %v, want %v; the oldest is %d", query, ids, want, got.Oldest)
		}
	}
	c.get("/kivuko/v1/journal?number=07").refuses(http.StatusBadRequest, "bad-parameter", "number", "a shortcode of five to seven digits")
	c.get("/kivuko/v1/journal?refused=maybe").refuses(http.StatusBadRequest, "bad-parameter", "refused", "true or false")
}

func TestARequestTellsWhatBecameOfItsPayment(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "4321")
	c.Journal.Add(journal.Entry{At: controltest.Start, Status: 200, Payment: p.ID, Cause: "a cause", Fix: "a way"})
	var got control.Entry
	c.get("/kivuko/v1/journal/1").answers(http.StatusOK, &got)
	if got.Outcome == nil || got.Outcome.Result != "2001" || got.Outcome.State != "failed" || got.Outcome.Amount != 1000 || got.Cause != "a cause" || got.Fix != "a way" {
		t.Errorf("got %+v, %+v", got, got.Outcome)
	}
	var shown control.Payment
	c.get(fmt.Sprintf("/kivuko/v1/payments/%d", p.ID)).answers(http.StatusOK, &shown)
	if shown.Fix == "" {
		t.Error("it isn't told how to fix a wrong PIN")
	}
	for _, id := range []string{"0", "2", "-1", "x", "99999999999999999999"} {
		c.get("/kivuko/v1/journal/"+id).refuses(http.StatusNotFound, "not-found", "", "no longer")
	}
}

// A journal that is full of large bodies is looked through while requests go on.
func BenchmarkFilteredJournal(b *testing.B) {
	c := start(b)
	body := append(append([]byte(`{"Password":"secret","Remarks":"`), bytes.Repeat([]byte("x"), 1000)...), `"}`...)
	for range 4096 {
		c.Journal.Add(journal.Entry{At: controltest.Start, App: "app", Status: 200, Request: body, Answer: body})
	}
	for b.Loop() {
		var got control.Journal
		c.get("/kivuko/v1/journal?text=nowhere&number=254708374149").answers(http.StatusOK, &got)
	}
}

package controlapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestCallbackTellsEachAttempt(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "1234")
	at := controltest.Start.UnixMilli()
	c.Attempt(t, p, mpesa.Attempt{At: at + 1, Micros: 1_500, Error: "connection refused"})
	c.Attempt(t, p, mpesa.Attempt{At: at + 5, Micros: 250, Status: 500})
	var got control.Callback
	r := c.get(fmt.Sprintf("/kivuko/v1/callbacks/%d", p.ID<<4))
	r.answers(http.StatusOK, &got)
	want := []control.Attempt{{At: control.At(at + 1), TookMS: 1.5, Error: "connection refused"}, {At: control.At(at + 5), TookMS: 0.25, Status: 500}}
	if diff := cmp.Diff(want, got.Attempts); diff != "" {
		t.Error(diff)
	}
	if got.State != "failed" || !got.DueAt.IsZero() {
		t.Errorf("without retries it is over after an attempt: %+v", got)
	}
	if !strings.Contains(string(r.body), `"Balance": 10.00`) {
		t.Errorf("the body isn't shown as it is sent: %s", r.body)
	}
}

func TestCallbacksAreFilteredAndComeInPages(t *testing.T) {
	c := start(t)
	var all []int64
	for n := range int64(3) {
		p := c.Pay(t, controltest.John, 10+n, "1234")
		all = append(all, p.ID<<4)
		if n > 0 {
			c.Attempt(t, p, mpesa.Attempt{At: 1, Status: int(200 + 300*(n-1))})
		}
	}
	for query, want := range map[string][]int64{
		"":                               {all[2], all[1], all[0]},
		"?state=pending":                 {all[0]},
		"?state=delivered":               {all[1]},
		"?state=failed&shortcode=174379": {all[2]},
		"?shortcode=600000":              nil,
		"?limit=2":                       {all[2], all[1]},
		fmt.Sprintf("?after=%d", all[1]): {all[0]},
	} {
		var got control.Page[control.Callback]
		r := c.get("/kivuko/v1/callbacks" + query)
		r.answers(http.StatusOK, &got)
		var ids []int64
		for _, x := range got.Items {
			ids = append(ids, x.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%q gives %v, want %v", query, ids, want)
		}
		if more := query == "?limit=2"; more != (got.Next != "") || more && got.Next != fmt.Sprint(all[1]) {
			t.Errorf("%q: next is %v", query, got.Next)
		}
		if strings.Contains(string(r.body), `"body"`) {
			t.Errorf("lists carry no bodies: %s", r.body)
		}
	}
}

func TestResend(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "1234")
	c.Attempt(t, p, mpesa.Attempt{At: 1, Status: 200})
	var got control.Callback
	c.do(http.MethodPost, fmt.Sprintf("/kivuko/v1/callbacks/%d/resend", p.ID<<4), "").answers(http.StatusAccepted, &got)
	if !slices.Equal(c.Resent, []int64{p.ID << 4}) || got.State != "pending" || len(got.Attempts) != 1 {
		t.Errorf("sent again were %v, and it is %+v", c.Resent, got)
	}
}

func TestResendsAreASecondApart(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "1234")
	c.Attempt(t, p, mpesa.Attempt{At: 1, Status: 200})
	path := fmt.Sprintf("/kivuko/v1/callbacks/%d/resend", p.ID<<4)
	c.do(http.MethodPost, path, "").answers(http.StatusAccepted, new(control.Callback))
	r := c.do(http.MethodPost, path, "")
	r.refuses(http.StatusTooManyRequests, "too-soon", "", "once a second at most")
	if r.header.Get("Retry-After") != "1" {
		t.Errorf("its header is %v", r.header)
	}
	c.Clock.Advance(time.Second)
	c.do(http.MethodPost, path, "").answers(http.StatusAccepted, new(control.Callback))
}

func TestGiveUp(t *testing.T) {
	c := start(t)
	p := c.Pay(t, controltest.John, 10, "1234")
	path := fmt.Sprintf("/kivuko/v1/callbacks/%d/give-up", p.ID<<4)
	var got control.Callback
	c.do(http.MethodPost, path, "").answers(http.StatusOK, &got)
	if got.State != "given-up" || !got.DueAt.IsZero() {
		t.Errorf("it is %+v", got)
	}
	c.do(http.MethodPost, path, "").refuses(http.StatusConflict, "conflict", "", "only a pending one")
	var list control.Page[control.Callback]
	if c.get("/kivuko/v1/callbacks?state=given-up").answers(http.StatusOK, &list); len(list.Items) != 1 {
		t.Errorf("given up are %+v", list)
	}
}

func TestUnknownCallbacks(t *testing.T) {
	c := start(t)
	p := c.Push(t, controltest.John, 10) // has no callback yet
	for _, id := range []string{"0", "-1", "x", "1", fmt.Sprint(p.ID << 4), fmt.Sprint(p.ID), "99999999999999999999"} {
		c.get("/kivuko/v1/callbacks/"+id).refuses(http.StatusNotFound, "not-found", "", "/kivuko/v1/callbacks lists them")
		c.do(http.MethodPost, "/kivuko/v1/callbacks/"+id+"/resend", "").refuses(http.StatusNotFound, "not-found", "", "lists them")
		c.do(http.MethodPost, "/kivuko/v1/callbacks/"+id+"/give-up", "").refuses(http.StatusNotFound, "not-found", "", "lists them")
	}
	if len(c.Resent) > 0 {
		t.Errorf("sent again were %v", c.Resent)
	}
}

package controlapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestBadBodies(t *testing.T) {
	const phone, prompt, clock = "PUT " + johns, "POST " + johns + "/answer", "POST /kivuko/v1/clock/advance"
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	w := controltest.New(t)
	open := w.Push(t, controltest.John, 5)
	before := caller{w, t}.get(johns).body
	for _, x := range []struct {
		to, body    string
		kind, field string
		says        string
	}{
		{phone, "", "bad-body", "", "it is empty"},
		{phone, " \n", "bad-body", "", "it is empty"},
		{phone, "null", "bad-body", "", "JSON object with some of afterMs, answers, balance, blocked, limits, name, pin, pinLocked, simSwapped, standing"},
		{phone, `"pin"`, "bad-body", "", "JSON object"},
		{phone, `[{}]`, "bad-body", "", "JSON object"},
		{phone, `{"pin":"1234"`, "bad-body", "", "JSON object"},
		{phone, `{"pin":"1234",}`, "bad-body", "", "JSON object"},
		{phone, `{"pin"}`, "bad-body", "", "JSON object"},
		{phone, `{1:2}`, "bad-body", "", "JSON object"},
		{phone, `pin=1234`, "bad-body", "", "JSON object"},
		{phone, "\ufeff{}", "bad-body", "", "JSON object"},
		{phone, "{}{}", "bad-body", "", "something follows"},
		{phone, "{} x", "bad-body", "", "something follows"},
		{phone, `{"pin":"1234","pin":"4321"}`, "bad-body", "", `"pin" is there twice`},
		{phone, `{"name":` + deep + `}`, "bad-body", "", "depth"},
		{phone, deep, "bad-body", "", "something else"},
		{phone, `{"Pin":"1234"}`, "bad-field", "Pin", "there are afterMs, answers"},
		{phone, `{"":1}`, "bad-field", "", "there is no such field"},
		{phone, `{"msisdn":"254708374149"}`, "bad-field", "msisdn", "no such field"},

		{phone, `{"name":""}`, "bad-field", "name", "1 to 100 characters"},
		{phone, `{"name":null}`, "bad-field", "name", "1 to 100 characters"},
		{phone, `{"name":7}`, "bad-field", "name", "1 to 100 characters"},
		{phone, `{"name":"a\nb"}`, "bad-field", "name", "without line breaks"},
		{phone, `{"name":"` + strings.Repeat("ä", 101) + `"}`, "bad-field", "name", "1 to 100 characters"},

		{phone, `{"pin":1234}`, "bad-field", "pin", "four digits"},
		{phone, `{"pin":"123"}`, "bad-field", "pin", "four digits"},
		{phone, `{"pin":"12345"}`, "bad-field", "pin", "four digits"},
		{phone, `{"pin":"12a4"}`, "bad-field", "pin", "four digits"},
		{phone, `{"pin":"١٢"}`, "bad-field", "pin", "four digits"},
		{phone, `{"pin":null}`, "bad-field", "pin", "four digits"},

		{phone, `{"balance":"-1"}`, "bad-field", "balance", "from 0 to 1000000000.00"},
		{phone, `{"balance":-1}`, "bad-field", "balance", "from 0"},
		{phone, `{"balance":"1.005"}`, "bad-field", "balance", "at most two decimals"},
		{phone, `{"balance":1.5}`, "bad-field", "balance", "whole number"},
		{phone, `{"balance":1e3}`, "bad-field", "balance", "whole number"},
		{phone, `{"balance":"1e3"}`, "bad-field", "balance", "whole number"},
		{phone, `{"balance":""}`, "bad-field", "balance", "shillings"},
		{phone, `{"balance":" 5"}`, "bad-field", "balance", "shillings"},
		{phone, `{"balance":"1,000"}`, "bad-field", "balance", "shillings"},
		{phone, `{"balance":null}`, "bad-field", "balance", "shillings"},
		{phone, `{"balance":true}`, "bad-field", "balance", "shillings"},
		{phone, `{"balance":["5"]}`, "bad-field", "balance", "shillings"},
		{phone, `{"balance":"1000000000.01"}`, "bad-field", "balance", "1000000000.00"},
		{phone, `{"balance":99999999999999999999999999}`, "bad-field", "balance", "1000000000.00"},

		{phone, `{"answers":"no"}`, "bad-field", "answers", `"approve" "ask" "cancel" "wrong-pin" "ignore" "off" "no-signal" "late" "busy" "lost" ""`},
		{phone, `{"answers":null}`, "bad-field", "answers", "approve"},
		{phone, `{"afterMs":-1}`, "bad-field", "afterMs", "from 0 to 600000, or null"},
		{phone, `{"afterMs":600001}`, "bad-field", "afterMs", "from 0 to 600000"},
		{phone, `{"afterMs":1.5}`, "bad-field", "afterMs", "from 0 to 600000"},
		{phone, `{"afterMs":"5"}`, "bad-field", "afterMs", "from 0 to 600000"},
		{phone, `{"limits":"none"}`, "bad-field", "limits", "test-patient"},
		{phone, `{"standing":"bad"}`, "bad-field", "standing", "no-products"},
		{phone, `{"blocked":true}`, "bad-field", "blocked", "false"},
		{phone, `{"blocked":null}`, "bad-field", "blocked", "false"},

		{prompt, "", "bad-body", "", "it is empty"},
		{prompt, "{}", "bad-body", "", `{"pin":"1234"}`},
		{prompt, `{"pin":"1234","cancel":true}`, "bad-body", "", `{"cancel":true}`},
		{prompt, `{"pin":"0"}`, "bad-field", "pin", "four digits"},
		{prompt, `{"cancel":false}`, "bad-field", "cancel", "true"},
		{prompt, `{"cancel":"true"}`, "bad-field", "cancel", "true"},

		{clock, "{}", "bad-field", "by", "missing"},
		{clock, `{"by":90}`, "bad-field", "by", `"90s"`},
		{clock, `{"by":"90"}`, "bad-field", "by", `"90s"`},
		{clock, `{"by":"0s"}`, "bad-field", "by", "more than 0"},
		{clock, `{"by":"-90s"}`, "bad-field", "by", "more than 0"},
		{clock, `{"by":"9600h1ms"}`, "bad-field", "by", "400 days"},
		{clock, `{"by":"99999999999h"}`, "bad-field", "by", "400 days"},
		{clock, `{"by":""}`, "bad-field", "by", "90s"},
		{clock, `{"by":null}`, "bad-field", "by", "90s"},
	} {
		t.Run(x.to[:4]+x.body[:min(len(x.body), 40)], func(t *testing.T) {
			c := caller{w, t}
			method, path, _ := strings.Cut(x.to, " ")
			c.do(method, path, x.body).refuses(http.StatusBadRequest, x.kind, x.field, x.says)
			if after := c.get(johns).body; string(after) != string(before) {
				t.Errorf("it changed the phone, with payment %d open: %s", open.ID, after)
			}
		})
	}
}

func TestBodiesAreBounded(t *testing.T) {
	c := start(t)
	c.do(http.MethodPut, johns, `{"name":"x"}`+strings.Repeat(" ", 64<<10-12)).answers(http.StatusOK, new(any))
	for _, size := range []int{64<<10 + 1, 10 << 20} {
		c.do(http.MethodPut, johns, `{"name":"y"}`+strings.Repeat(" ", size-12)).refuses(http.StatusRequestEntityTooLarge, "body-too-large", "", "65536")
	}
}

func TestBadParameters(t *testing.T) {
	c := start(t)
	for _, x := range []struct{ path, field, says string }{
		{"payments?limit=0", "limit", "from 1 to 1000"},
		{"payments?limit=1001", "limit", "from 1 to 1000"},
		{"payments?limit=", "limit", "whole number"},
		{"payments?limit=5&limit=5", "limit", "2 times"},
		{"payments?after=-1", "after", "whole number"},
		{"payments?after=99999999999999999999", "after", "whole number"},
		{"payments?phone=123", "phone", "254708374149"},
		{"payments?shortcode=12", "shortcode", "five to seven digits"},
		{"payments?state=open", "state", `"prompting" "completed" "failed"`},
		{"payments?result=9", "result", "1032"},
		{"payments?status=failed", "status", "after, brief, kind, limit, phone, result, shortcode, state"},
		{"payments?limit=%zz", "", "can't be read"},
		{"payments?a;b", "", "can't be read"},
		{"callbacks?state=failing", "state", `"pending" "delivered" "failed"`},
		{"callbacks?phone=254708374149", "phone", "after, limit, shortcode, state"},
		{"journal?after=-1", "after", "whole number"},
		{"journal?status=99", "status", "from 100 to 599"},
		{"journal?status=4xx", "status", "from 100 to 599"},
		{"organisations/12", "shortcode", "five to seven digits"},
		{"organisations/0174379", "shortcode", "five to seven digits"},
		{"organisations/174379?secrets=yes", "secrets", "1 or 0"},
		{"phones/25470837414", "msisdn", "254708374149"},
		{"phones/0608374149", "msisdn", "254708374149"},
		{"phones/254708374149%20", "msisdn", "254708374149"},
		{"phones/254708374149/messages?limit=x", "limit", "whole number"},
	} {
		t.Run(x.path, func(t *testing.T) {
			caller{c.World, t}.get("/kivuko/v1/"+x.path).refuses(http.StatusBadRequest, "bad-parameter", x.field, x.says)
		})
	}
}

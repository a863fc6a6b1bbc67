package apis

import (
	"strings"
	"testing"
)

// What a validation URL may answer, wire.md §6.3.
func TestVerdict(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		code   string // "": no answer
		third  string
		reason string
	}{
		"zero":                      {200, `{"ResultCode":0,"ResultDesc":"Accepted"}`, "0", "", ""},
		"zero as text":              {200, `{"ResultCode":"0","ResultDesc":"Accepted"}`, "0", "", ""},
		"zero with spaces":          {200, "\ufeff", "", "", "the validation URL's answer is not JSON"},
		"zero in spaces":            {200, "\r\n {\"ResultCode\": \" 0 \"}\n", "0", "", ""},
		"zero with decimals":        {200, `{"ResultCode":0.0}`, "0", "", ""},
		"zero with an exponent":     {200, `{"ResultCode":0e7}`, "0", "", ""},
		"less than nothing":         {200, `{"ResultCode":-0}`, "0", "", ""},
		"created":                   {201, `{"ResultCode":0}`, "0", "", ""},
		"another case":              {200, `{"resultCode":0,"thirdPartyTransID":"T1"}`, "0", "T1", ""},
		"an id of its own":          {200, `{"ResultCode":0,"ThirdPartyTransID":"1234567890"}`, "0", "1234567890", ""},
		"an endless id":             {200, `{"ResultCode":0,"ThirdPartyTransID":"` + strings.Repeat("é", 5000) + `"}`, "0", strings.Repeat("é", 100), ""},
		"an id that is a number":    {200, `{"ResultCode":"0","ThirdPartyTransID":1234567890123456789}`, "0", "1234567890123456789", ""},
		"an id that is nothing":     {200, `{"ResultCode":"0","ThirdPartyTransID":null}`, "0", "", ""},
		"an id that is an object":   {200, `{"ResultCode":"0","ThirdPartyTransID":{}}`, "0", "", ""},
		"something after it":        {200, `{"ResultCode":0}<!-- -->`, "0", "", ""},
		"rejected":                  {200, `{"ResultCode":"C2B00011","ResultDesc":"Rejected"}`, "C2B00011", "", ""},
		"rejected with a number":    {200, `{"ResultCode":1,"ResultDesc":"Rejected"}`, "1", "", ""},
		"below zero":                {200, `{"ResultCode":-1}`, "-1", "", ""},
		"nearly zero":               {200, `{"ResultCode":0.1}`, "0.1", "", ""},
		"very nearly zero":          {200, `{"ResultCode":1e-999}`, "1e-999", "", ""},
		"zeros as text":             {200, `{"ResultCode":"00"}`, "00", "", ""},
		"zero with decimals, text":  {200, `{"ResultCode":"0.0"}`, "0.0", "", ""},
		"a word":                    {200, `{"ResultCode":"Accepted"}`, "Accepted", "", ""},
		"no code":                   {200, `{"ResultDesc":"Accepted"}`, "", "", "the validation URL's answer has no ResultCode"},
		"an empty code":             {200, `{"ResultCode":""}`, "", "", "the validation URL's answer has no ResultCode"},
		"null":                      {200, `{"ResultCode":null}`, "", "", "the validation URL's answer has no ResultCode"},
		"true":                      {200, `{"ResultCode":true}`, "", "", "the validation URL's answer has no ResultCode"},
		"a list":                    {200, `[{"ResultCode":0}]`, "", "", "the validation URL's answer is not JSON"},
		"nothing":                   {200, "", "", "", "the validation URL's answer is not JSON"},
		"a page":                    {200, "<html>OK</html>", "", "", "the validation URL's answer is not JSON"},
		"half of it":                {200, `{"ResultCode":0`, "", "", "the validation URL's answer is not JSON"},
		"an error":                  {500, `{"ResultCode":0}`, "", "", "the validation URL answered HTTP 500"},
		"a rejection with an error": {400, `{"ResultCode":"C2B00011"}`, "", "", "the validation URL answered HTTP 400"},
		"a redirect":                {302, ``, "", "", "the validation URL answered HTTP 302"},
		"no content":                {204, ``, "", "", "the validation URL's answer is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			v := verdict(test.status, []byte(test.body))
			if v.Answered != (test.code != "") || v.Code != test.code || v.ThirdPartyID != test.third || !strings.HasPrefix(v.Reason, test.reason) || (v.Reason == "") != v.Answered {
				t.Errorf("it is %+v; want %q, %q, %q", v, test.code, test.third, test.reason)
			}
		})
	}
}

func FuzzVerdict(f *testing.F) {
	f.Add(200, `{"ResultCode":0,"ThirdPartyTransID":"x"}`)
	f.Add(200, `{"ResultCode":"C2B00016"}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if v := verdict(status, []byte(body)); v.Answered != (v.Code != "") || v.Answered && v.Reason != "" || !v.Answered && v.Reason == "" {
			t.Errorf("%+v", v)
		}
	})
}

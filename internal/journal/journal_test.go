package journal

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
)

func TestSecretsAreMasked(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{`{"Password":"MTc0","Amount":"1"}`, `{"Password":"***","Amount":"1"}`},
		{`{"Initiator":"testapi", "SecurityCredential" : "a+b/c==" ,"Remarks":"OK"}`, `{"Initiator":"testapi", "SecurityCredential" : "***" ,"Remarks":"OK"}`},
		{`{"SecurityCredential":"Safaricom999!*!"}`, `{"SecurityCredential":"***"}`},
		{`{"SecurityCredential":""}`, `{"SecurityCredential":"***"}`},
		{`{"SecurityCredential":"a\"b,c}d\\","Amount":1}`, `{"SecurityCredential":"***","Amount":1}`},
		{"{\n\t\"SecurityCredential\":\n\t\t\"a\nb\"\n}", "{\n\t\"SecurityCredential\":\n\t\t\"***\"\n}"},
		{`{"SecurityCredential":12345,"Amount":1}`, `{"SecurityCredential":"***","Amount":1}`},
		{`{"SecurityCredential":null}`, `{"SecurityCredential":"***"}`},
		{`{"SecurityCredential":{"a":["}",{}]},"Amount":1}`, `{"SecurityCredential":"***","Amount":1}`},
		{`{"SecurityCredential":["secret","secret"]}`, `{"SecurityCredential":"***"}`},
		{`{"Security Credential":"secret","security` + "\u00a0" + `credential":"secret"}`, `{"Security Credential":"***","security` + "\u00a0" + `credential":"***"}`},
		{`{"PASSWORD":"secret","password":"secret"}`, `{"PASSWORD":"***","password":"***"}`},
		{`{"\u0050assword":"secret"}`, `{"\u0050assword":"***"}`},
		{`{"SecurityCredential":"never ends`, `{"SecurityCredential":"***"`},
		{`{"SecurityCredential":["never ends`, `{"SecurityCredential":"***"`},
		{`{"SecurityCredential":`, `{"SecurityCredential":"***"`},
		{`{'SecurityCredential':'secret','Amount':'1'}`, `{'SecurityCredential':'***','Amount':'1'}`},
		{`{“SecurityCredential”:“secret”,“Amount”:“1”}`, `{“SecurityCredential”:“***”,“Amount”:“1”}`},
		{`{”SecurityCredential”:”secret”,”Amount”:1}`, `{”SecurityCredential”:”***”,”Amount”:1}`},
		{`{SecurityCredential: secret, Amount: 1}`, `{SecurityCredential: "***", Amount: 1}`},
		{`"{\"Password\":\"secret\",\"Amount\":\"1\"}"`, `"{\"Password\":\"***\",\"Amount\":\"1\"}"`},
		{`Amount=1&SecurityCredential=a%2Bb&Password=c`, `Amount=1&SecurityCredential=***&Password=***`},
		{`[{"Password":"one"},{"Password":"two"}]`, `[{"Password":"***"},{"Password":"***"}]`},
		{`{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":"3599"}`, `{"access_token":"***","expires_in":"3599"}`},
		{`{"Password":"one","Password":"two"}`, `{"Password":"***","Password":"***"}`},
		{`{"AccountReference":"\"Password\":","Password":"MTc0"}`, `{"AccountReference":"\"Password\":\"***\"","Password":"***"}`}, // a customer's text
		{`{"Remarks":"Password=","SecurityCredential":"s3cret"}`, `{"Remarks":"Password=***","SecurityCredential":"***"}`},
		{`{"AccountReference":"\"Password\":","Password":"MTc0",}`, `{"AccountReference":"\"Password\":"***"Password":"***",}`}, // and no JSON
		{`{"Passkey":"bfb279","consumer_secret":"x","InitiatorPassword":"y"}`, `{"Passkey":"***","consumer_secret":"***","InitiatorPassword":"***"}`},
		{`consumer_secret=x&Amount=1`, `consumer_secret=***&Amount=1`},
	} {
		if got := string(Masked([]byte(test.body))); got != test.want {
			t.Errorf("%s\nbecomes %s\nwant    %s", test.body, got, test.want)
		}
	}
}

func TestWhatIsNoSecretStaysAsItIs(t *testing.T) {
	for _, body := range []string{
		"", "{}", "null", `{"Amount":"1","CallBackURL":"https://mydomain.com:8080/path?a=b&c=d"}`, `{"Remarks":"Password"}`, `{"Passwords":"1","MyPassword":"2"}`,
		"\x00\xff:\xfe=", ":", "=", `":"`, `{"a":":","b":"="}`, `{"InitiatorName":"Password","Remarks":"SecurityCredential"}`,
	} {
		got := Masked([]byte(body))
		if string(got) != body {
			t.Errorf("%q becomes %q", body, got)
		}
	}
}

func TestWhoReadsGetsMaskedRequests(t *testing.T) {
	j := New(32)
	body := []byte(`{"Password":"secret"}`)
	j.Add(Entry{Request: body})
	if string(body) != `{"Password":"secret"}` {
		t.Errorf("the caller's body became %s", body)
	}
	j.Add(Entry{Answer: []byte(`{"access_token":"secret"}`)})
	list := j.Entries(0, 0, 2, nil)
	if string(list[0].Answer) != `{"access_token":"***"}` || string(list[1].Request) != `{"Password":"***"}` {
		t.Errorf("the journal has %s and %s", list[0].Answer, list[1].Request)
	}
}

func TestJournalIsBounded(t *testing.T) {
	j := New(3)
	for range 5 {
		j.Add(Entry{App: "app", Request: []byte("{}")})
	}
	if list := j.Entries(0, 0, 10, nil); len(list) != 3 || list[0].ID != 5 || list[2].ID != 3 {
		t.Errorf("the entries are %+v", list)
	}
	if list := j.Entries(3, 5, 10, nil); len(list) != 1 || list[0].ID != 4 {
		t.Errorf("between 3 and 5 there are %+v", list)
	}
	for range 3 {
		j.Add(Entry{App: "app", Request: make([]byte, maxBytes/2)})
	}
	if list := j.Entries(0, 0, 10, nil); len(list) != 2 {
		t.Errorf("%d entries of half the bound are kept", len(list))
	}
}

func TestRequestsOfNobodyPushOutNoApps(t *testing.T) {
	j := New(32)
	for range 10 {
		j.Add(Entry{App: "app"})
	}
	for range 1000 {
		j.Add(Entry{Answer: make([]byte, 100)})
	}
	mixed := j.Add(Entry{App: "app"})
	list := j.Entries(0, 0, 100, nil)
	if len(list) != 13 || list[0].ID != mixed || list[1].ID != mixed-1 || list[3].ID != 10 || list[12].ID != 1 {
		t.Errorf("%d entries: %+v", len(list), list)
	}
	if list := j.Entries(9, mixed, 2, nil); len(list) != 2 || list[0].ID != mixed-1 {
		t.Errorf("a page has %+v", list)
	}
	if j.Oldest() != mixed-2 {
		t.Errorf("of everything it has what came from %d on", j.Oldest())
	}
	for range 10 {
		j.Add(Entry{Answer: make([]byte, maxBytes)})
	}
	if list := j.Entries(mixed, 0, 100, nil); len(list) != 1 {
		t.Errorf("%d large answers to strangers are kept", len(list))
	}
}

// A path is a part of the request's first line, which may be long.
func TestAnEntryKeepsNothingOfItsRequestsLineButThePath(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	j := New(500)
	before := heap()
	for range 500 {
		line := "GET /nothing?" + strings.Repeat("x", 64<<10)
		j.Add(Entry{App: "app", Method: line[:3], Path: line[4:12]})
	}
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("500 short paths keep %d MB", grown>>20)
	}
	if e := j.Entries(0, 0, 1, nil)[0]; e.Method != "GET" || e.Path != "/nothing" {
		t.Errorf("the entry is %+v", e)
	}
}

// FuzzMasked has valid JSON stay so, with the same members, and no secret in it.
func FuzzMasked(f *testing.F) {
	f.Add(`{"Password":"MTc0","Amount":"1"}`, "s3cret")
	f.Add(`{"SecurityCredential":{"a":[1,"}"]},"b":null}`, `s3cret"\`)
	f.Add("{'Password' : x", "s3cret")
	f.Add(`"Password":`, "s3cret")
	f.Add(`Password=`, "s3cret")
	f.Fuzz(func(t *testing.T, text, secret string) {
		body := []byte(text)
		got := Masked(body)
		if !bytes.Equal(body, []byte(text)) {
			t.Fatalf("%q was changed", text)
		}
		var before, after map[string]json.RawMessage
		if json.Unmarshal(body, &before) == nil && before != nil {
			if err := json.Unmarshal(got, &after); err != nil || len(before) != len(after) {
				t.Fatalf("%s becomes %s: %v", text, got, err)
			}
		}
		secret = "s3cret" + secret
		object, err := json.Marshal(map[string]string{"Amount": "1", "Remarks": strings.ReplaceAll(text, "s3cret", ""), "SecurityCredential": secret})
		if err != nil {
			t.Fatal(err)
		}
		if got := Masked(object); bytes.Contains(got, []byte("s3cret")) {
			t.Fatalf("%s becomes %s", object, got)
		}
	})
}

func BenchmarkMasked(b *testing.B) {
	body := []byte(`{"BusinessShortCode":"174379","Password":"` + strings.Repeat("x", 120) + `","Timestamp":"20210628092408","TransactionType":"CustomerPayBillOnline","Amount":"1","PartyA":"254722000000","PartyB":"174379","PhoneNumber":"254722111111","CallBackURL":"https://mydomain.com/path","AccountReference":"accountref","TransactionDesc":"txndesc"}`)
	b.ReportAllocs()
	for b.Loop() {
		Masked(body)
	}
}

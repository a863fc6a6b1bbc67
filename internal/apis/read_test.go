package apis

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// Every path is served, by its API or, where tokens are given, by the gateway.
func TestEveryPathIsServed(t *testing.T) {
	for _, p := range Paths() {
		if (p.Serve == nil) != (p.Name == OAuth) {
			t.Errorf("%s: served %v", p.Path, p.Serve != nil)
		}
	}
}

// What a field's reason says, in full; the other tests look for its key words.
func TestReasonsSayWhatWasExpected(t *testing.T) {
	for _, test := range []struct {
		api, body, want string
	}{
		{"b2b", `{}`, "Initiator is missing"},
		{"b2b", `{"Initiator": " "}`, "Initiator is empty; expected the username of an API operator"},
		{"b2b", `{"Initiator": []}`, "Initiator is neither text nor a number"},
		{"b2b", `{"Initiator": "a\nb"}`, `Initiator is "a\nb"; it can't have control characters`},
		{"b2b", `{"Initiator": "a\u202eb"}`, `Initiator is "a\u202eb"; it can't have control characters`},
		{"b2b", `{"Initiator": "a\u2028b"}`, `Initiator is "a\u2028b"; it can't have control characters`},
		{"balance", `{"Initiator":"a","SecurityCredential":"b","CommandID":"AccountBalance","PartyA":"60"}`, `PartyA is "60"; expected a shortcode of five to seven digits`},
		{"balance", `{"Initiator":"a","SecurityCredential":"b","CommandID":"AccountBalance","PartyA":600000,"IdentifierType":3}`, `IdentifierType is "3"; expected 4, 2 or 1`},
		{"status", `{"Initiator":"a","SecurityCredential":"b","CommandID":"TransactionStatusQuery","TransactionID":""}`, "TransactionID is missing, and so is OriginalConversationID"},
		{"status", `{"Initiator":"a","SecurityCredential":"b","CommandID":"TransactionStatusQuery","OriginatorConversationID":{}}`, "OriginatorConversationID is neither text nor a number"},
		{"c2bsimulate", `{"ShortCode":600000,"CommandID":"CustomerPayBillOnline","Amount":"1.505"}`, `Amount is "1.505": not an amount in shillings with at most two decimals`},
		{"qr", `{"MerchantName":"a","RefNo":"b","Amount":"1.5"}`, `Amount is "1.5"; expected whole shillings`},
		{"qr", `{"MerchantName":"a","RefNo":"b","Amount":"0"}`, `Amount is "0"; expected 1 to 999999999`},
		{"c2bsimulate", `{"ShortCode":600000,"CommandID":"CustomerPayBillOnline","Amount":0}`, `Amount is "0"; expected 0.01 to 999999999`},
		{"c2bsimulate", `{"ShortCode":600000,"CommandID":"CustomerPayBillOnline","Amount":1,"Msisdn":"07"}`,
			`Msisdn is "07": not a Safaricom mobile number of the form 2547XXXXXXXX or 2541XXXXXXXX, nor 07XXXXXXXX or 01XXXXXXXX`},
		{"c2bsimulate", `{"ShortCode":600000,"CommandID":"CustomerBuyGoodsOnline","Amount":1,"Msisdn":"0708374149","BillRefNumber":"x"}`,
			`BillRefNumber is "x"; expected nothing: a payment to a till has none`},
		{"stkquery", `{"BusinessShortCode":174379,"Timestamp":"2026"}`, `Timestamp is "2026"; expected a date and time as YYYYMMDDHHmmss`},
		{"qr", `{"MerchantName":"a","RefNo":"` + strings.Repeat("é", 48) + `"}`, "RefNo has 96 bytes; expected text of at most 95 bytes"},
		{"qr", `{"MerchantName":"a","RefNo":"b","Amount":1,"TrxCode":"SM","CPI":"254708374149","Size":0}`, `Size is "0"; expected a whole number from 1 to 1000`},
	} {
		if got := reason(t, test.api, test.body); got != test.want {
			t.Errorf("%s %s: %q; want %q", test.api, test.body, got, test.want)
		}
	}
}

// Of a time the hour may have one digit, as clients of Pull send it, but a Timestamp has no more and no fewer than fourteen.
func TestTimesAreReadLiberally(t *testing.T) {
	for body, want := range map[string]string{
		`{"ShortCode":600000,"StartDate":"2026-11-20 8:36:00"}`: "EndDate is missing",
		`{"ShortCode":600000,"StartDate":"2026-11-20"}`:         `StartDate is "2026-11-20"; expected a date and time as YYYY-MM-DD HH:mm:ss`,
	} {
		if got := reason(t, "pullquery", body); got != want {
			t.Errorf("%s: %q; want %q", body, got, want)
		}
	}
	if got := reason(t, "stkquery", `{"BusinessShortCode":174379,"Timestamp":"20261120083600.5"}`); !strings.HasPrefix(got, "Timestamp is") {
		t.Errorf("a fraction of a second: %q", got)
	}
}

// reason is why the first field that is wrong was refused.
// Texts go into messages, callbacks, files and terminals.
func TestNoTextHasControlCharacters(t *testing.T) {
	texts := 0
	for _, a := range Paths() {
		for i := range a.Fields {
			f := &a.Fields[i]
			for _, rule := range append([]Rule{f.Rule}, rulesOf(f)...) {
				if rule.Form != Text || rule.Values != nil {
					continue
				}
				texts++
				for _, c := range "\x00\x07\x1b\x7f\u009b" {
					if _, problem := parse(&rule, "an"+string(c)+"y", &Rules{}); problem == "" {
						t.Errorf("%s takes %s with %q", a.Name, f.Name, c)
					}
				}
				if _, problem := parse(&rule, "two\r\n\tlines", &Rules{}); (problem == "") != rule.Lines {
					t.Errorf("%s: two lines of %s: %q", a.Name, f.Name, problem)
				}
			}
		}
	}
	if texts < 30 {
		t.Errorf("only %d texts were tried", texts)
	}
}

func rulesOf(f *Field) (list []Rule) {
	for _, c := range f.Cases {
		list = append(list, c.Rule)
	}
	return list
}

func reason(t *testing.T, name, body string) string {
	t.Helper()
	f, err := parseFields([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range Paths() {
		if a.Name != name {
			continue
		}
		if _, err := checkAll(f, a.Fields, &Rules{}); err != nil {
			r, _ := errors.AsType[Refusal](err)
			return r.Reason
		}
	}
	return ""
}

func BenchmarkReadPush(b *testing.B) {
	body, err := json.Marshal(map[string]string{
		"BusinessShortCode": "174379", "Password": strings.Repeat("x", 120), "Timestamp": "20261120083600", "TransactionType": "CustomerPayBillOnline",
		"Amount": "10", "PartyA": "254708374149", "PartyB": "174379", "PhoneNumber": "254708374149", "CallBackURL": "https://merchant.example/callback",
		"AccountReference": "INV-7", "TransactionDesc": "Shoes",
	})
	if err != nil {
		b.Fatal(err)
	}
	path := Paths()[1]
	b.ReportAllocs()
	for b.Loop() {
		f, err := parseFields(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := checkAll(f, path.Fields, &Rules{}); err != nil {
			b.Fatal(err)
		}
	}
}

package gateway_test

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

type fields = testworld.Fields

// pushFields are the fields of a push in the order in which the gateway looks at them, and what each refuses beside what every
// mandatory field refuses.
var pushFields = []struct {
	name      string
	malformed []any
}{
	{"BusinessShortCode", append([]any{"17437a", "4379", "12345678", "017437", "-174379", "174379.5", 1.5, 174379e3}, notText...)},
	{"Timestamp", append([]any{"2021062809240", "202106280924080", "20211328092408", "20210230092408", "20210628252408", "2021-06-28 09:24:08", "YYYYMMDDHHmmss", 2021}, notText...)},
	{"TransactionType", append([]any{"CustomerPayBill", "customerpaybillonline", "BusinessPayBill", "CustomerPayBillOnline;", 1}, notText...)},
	{"Amount", append([]any{"0", 0, "-1", -1, "1.505", 1.505, "0.001", "0.00", "-100.50", "+1", "1.", "1,000", "1e3", "ten", "0x10", "NaN", "Infinity", "１０", "1000000000", "99999999999999999999999999", 1e30, "Ksh10", "."}, notText...)},
	{"PartyA", append([]any{"0708374149", "+254708374149", "254208374149", "25470837414", "2547083741490", "255708374149", "254708 374149", "254 70837414", "2547O8374149", "174379", 708374149, "abc"}, notText...)},
	{"PartyB", append([]any{"17437a", "4379", "12345678", "254708374149", 1}, notText...)},
	{"PhoneNumber", append([]any{"0708374149", "+254708374149", "254208374149", "25470837414", 254708374149.5}, notText...)},
	{"CallBackURL", append([]any{"mydomain.com/path", "/path", "https://", "https:///path", "ftp://mydomain.com/", "javascript:alert(1)", "https://My.Domain.com/", "https://my domain.com/", "https://mydomain.com/a path",
		"https://mydomain.com:65536/", "https://mydomain.com:99999/", "https://mydomain.com:port/", "https://user:secret@mydomain.com/", "https://mydomain.com/\r\nX-Header: 1", "https://mydomain.com/\x00",
		"http://[::1/", "https://mydomain.com/%zz", "http:mydomain.com", "://", "https://mydomain.com/" + strings.Repeat("a", 2048), 80}, notText...)},
	{"AccountReference", notText},
}

// notText is JSON that is neither text nor a number.
var notText = []any{nil, true, false, fields{}, fields{"a": 1}, []any{}, []any{"174379"}, "", " ", "\t\n"}

func TestPushRefusesEachFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for _, field := range pushFields {
		for _, value := range append([]any{testworld.Absent}, field.malformed...) {
			t.Run(fmt.Sprintf("%s %.40v", field.name, describe(value)), func(t *testing.T) {
				b.refused(t, b.Push(t, fields{field.name: value}), codes.InvalidField(field.name), field.name)
			})
		}
	}
}

func describe(value any) any {
	if value == any(testworld.Absent) {
		return "absent"
	}
	return fmt.Sprintf("%#v", value)
}

func TestPushNamesTheFirstFieldThatIsWrong(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	wrong := fields{"Password": "wrong", "TransactionDesc": fields{}}
	for i := len(pushFields) - 1; i >= 0; i-- { // one more each time, from the last to the first
		wrong[pushFields[i].name] = testworld.Absent
		b.refused(t, b.Push(t, wrong), codes.InvalidField(pushFields[i].name), "missing")
	}
}

func TestPushLooksAtThePasswordAfterTheFields(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	b.refused(t, b.Push(t, fields{"Password": "wrong", "AccountReference": ""}), codes.InvalidField("AccountReference"))
	b.refused(t, b.Push(t, fields{"Password": "wrong"}), codes.WrongCredentials)
}

func TestPushTakesNumbersAndTextAlike(t *testing.T) {
	b := newBench(t)
	for i, changes := range []fields{
		{"BusinessShortCode": 174379, "PartyB": 174379, "Amount": 11, "PartyA": 254708374149, "PhoneNumber": 254708374149},
		{"BusinessShortCode": "174379", "PartyB": "174379", "Amount": "12", "PartyA": "254708374149", "PhoneNumber": "254708374149"},
		{"Amount": 13.00}, {"Amount": "14.00"}, {"Amount": "15.000"}, {"Amount": "016"}, {"Amount": " 17 "}, {"AccountReference": 353353, "Amount": 18}, {"TransactionDesc": 1, "Amount": 19},
		{"PartyA": "254100000000", "Amount": 20}, {"TransactionDesc": testworld.Absent, "Amount": 21}, {"TransactionDesc": "", "Amount": 22}, {"TransactionDesc": nil, "Amount": 23},
		{"CallBackURL": "http://localhost:8080/callback?a=1&b=2#c", "Amount": 24}, {"CallBackURL": "http://[::1]:8080", "Amount": 25}, {"CallBackURL": "https://mydomain.com/%20?query", "Amount": 26},
		{"AccountReference": "@ # & é \" \\ \u2028", "Amount": 27}, {"Unknown": fields{"a": []any{1}}, "Amount": 28}, {"Amount": 250_001}, {"Amount": 999_999_999},
	} {
		a := b.Push(t, changes)
		if a.Status != 200 || a.Text("ResponseCode") != "0" {
			t.Errorf("push %d, %v: HTTP %d %s", i, changes, a.Status, a.Body)
			continue
		}
		b.enter(t, testworld.John, testworld.PIN)
	}
	b.Books(t)
}

func TestPushKeepsWhatWasAsked(t *testing.T) {
	b := newBench(t)
	a := b.Push(t, testworld.Business(testworld.Store).With(fields{"TransactionType": daraja.CustomerBuyGoodsOnline, "PartyB": testworld.Till, "Amount": "1234",
		"PartyA": "254711111111", "CallBackURL": "http://merchant.test/a?b=c", "AccountReference": " INV-8 ", "TransactionDesc": "Hats"}))
	id, ok := b.Mint.ParseMerchantRequest(a.Text("MerchantRequestID"))
	p, err := store.Get(t.Context(), b.Store, mpesa.Payments, id)
	if !ok || err != nil || p == nil {
		t.Fatalf("HTTP %d %s is payment %d, %v: %v", a.Status, a.Body, id, ok, err)
	}
	if p.Kind != mpesa.Express || p.State != mpesa.Prompting || p.Payer != 254708374149 || p.Payee != 765432 || p.Business != 654321 || p.Amount != 1234_00 {
		t.Errorf("the payment is %+v", p)
	}
	want := mpesa.Details{TransactionType: "CustomerBuyGoodsOnline", PartyA: 254711111111, CallBackURL: "http://merchant.test/a?b=c", Reference: "INV-8", Description: "Hats"}
	if !reflect.DeepEqual(p.Details, want) {
		t.Errorf("the details are %+v; want %+v", p.Details, want)
	}
	if e := b.journal.Entries(0, 0, 1, nil)[0]; e.Payment != id || e.Status != 200 || e.Code != "" || e.App != testworld.Key || len(e.Request) == 0 || len(e.Answer) == 0 {
		t.Errorf("the journal says %+v", e)
	}
}

func TestWrongPasswords(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	const at = "20210628092408"
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, test := range map[string]struct {
		password any
		explains string
	}{
		"absent":             {testworld.Absent, "missing"},
		"empty":              {"", "missing"},
		"null":               {nil, "missing"},
		"not base64":         {"MTc0Mzc5*", "base64"},
		"number":             {174379, "base64"},
		"unpadded":           {strings.TrimRight(encode("174379"+testworld.Passkey+at+"1"), "="), "base64"},
		"another shortcode":  {encode("600000" + testworld.Passkey + at), "begin with the BusinessShortCode 174379"},
		"another passkey":    {encode("174379" + strings.Repeat("0", 64) + at), "passkey"},
		"another timestamp":  {encode("174379" + testworld.Passkey + "20210628092409"), "20210628092409 but Timestamp says " + at},
		"without timestamp":  {encode("174379" + testworld.Passkey), "passkey"},
		"shortcode only":     {encode("174379"), "no passkey"},
		"encoded twice":      {encode(encode("174379" + testworld.Passkey + at)), "begin with"},
		"in the wrong order": {encode("174379" + at + testworld.Passkey), "passkey"},
		"SHA-256":            {strings.Repeat("ab", 32), "begin with"},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.Push(t, fields{"Password": test.password, "Timestamp": at})
			b.refused(t, a, codes.WrongCredentials, test.explains)
			if e := b.journal.Entries(0, 0, 1, nil)[0]; strings.Contains(e.Explanation, testworld.Passkey) {
				t.Errorf("the explanation gives the passkey away: %s", e.Explanation)
			}
		})
	}
	for _, value := range []any{fields{}, []any{}, true} {
		b.refused(t, b.Push(t, fields{"Password": value}), codes.InvalidField("Password"), "Password")
	}
}

func TestMerchantsWithoutPasskeyDontExist(t *testing.T) {
	b := newBench(t)
	b.nothingMoved(t)
	for _, shortcode := range []string{"999999", "572572", "1234567", "12345"} {
		b.refused(t, b.Push(t, testworld.Business(shortcode)), codes.MerchantUnknown, shortcode)
		b.refused(t, b.Query(t, "ws_CO_20112026120000125708374149", testworld.Business(shortcode)), codes.MerchantUnknown, shortcode)
	}
}

func TestSecondPushToABusyPhoneIsRefused(t *testing.T) {
	b := newBench(t)
	first := b.Push(t, nil)
	b.nothingMoved(t)
	for range 3 {
		b.refused(t, b.Push(t, fields{"Amount": 77}), codes.SubscriberBusy, "waiting for an answer on 254708374149")
	}
	if a := b.Query(t, first.CheckoutRequestID(), nil); a.Text("ResultCode") != "4999" {
		t.Errorf("the first push is %s", a.Body)
	}
}

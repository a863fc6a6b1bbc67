package gateway_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// FuzzPush sends arbitrary bodies, and arbitrary fields in an otherwise good one. Whatever comes is acknowledged or refused in
// the documented form, what is acknowledged opens a prompt, and the books balance.
func FuzzPush(f *testing.F) {
	b := newBench(f)
	for _, body := range printedBodies(f) {
		f.Add(body, "10", testworld.John, "https://mydomain.com/path", "accountref")
	}
	for _, body := range []string{"", "{}", "[]", "null", `{"Amount":1e9}`, `{"a":{"b":[1,2,{"c":null}]}}`, "{\"\\u0000\":\"\xff\"}", "[[[[", `{"BusinessShortCode":174379,"BusinessShortCode":null}`} {
		f.Add([]byte(body), "1.00", "254100000000", "http://[::1]:8080/?a=b#c", "é \" \\ \x00")
	}
	f.Fuzz(func(t *testing.T, body []byte, amount, phone, callback, reference string) {
		b.push(t, body)
		good, err := json.Marshal(b.PushFields().With(fields{"Amount": amount, "PhoneNumber": phone, "CallBackURL": callback, "AccountReference": reference}))
		if err != nil {
			t.Fatal(err)
		}
		b.push(t, good)
	})
}

// printedBodies are the bodies of the transcripts' requests.
func printedBodies(t testing.TB) (bodies [][]byte) {
	t.Helper()
	for _, name := range []string{"express", "errors"} {
		text, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?s)> POST \S+\n({.*?\n})\n<`).FindAllSubmatch(text, -1) {
			bodies = append(bodies, found[1])
		}
	}
	if len(bodies) == 0 {
		t.Fatal("the transcripts have no bodies")
	}
	return bodies
}

// refusals are what a push with a good token may be refused with.
var refusals = []codes.Error{codes.BadPayload, codes.MerchantUnknown, codes.WrongCredentials, codes.SubscriberBusy}

func (b *bench) push(t *testing.T, body []byte) {
	a := b.Post(t, testworld.PushPath, body)
	if a.Status == 200 {
		var answer daraja.STKPushResponse
		if err := json.Unmarshal(a.Body, &answer); err != nil || answer.ResponseCode != "0" {
			t.Fatalf("%q is acknowledged with %s, %v", body, a.Body, err)
		}
		b.end(t, answer)
		b.Books(t)
		return
	}
	checkRefusal(t, a.Body)
	documented := slices.ContainsFunc(refusals, func(e codes.Error) bool {
		return e.Status == a.Status && e.Code == a.Code() && e.Message == a.Message()
	})
	invalid := a.Status == 400 && a.Code() == "400.002.02" && regexp.MustCompile(`^Bad Request - Invalid [A-Za-z]+$`).MatchString(a.Message())
	if !documented && !invalid {
		t.Fatalf("%q is refused with HTTP %d %s", body, a.Status, a.Body)
	}
	if e := b.journal.Entries(0, 0, 1, nil)[0]; e.Explanation == "" {
		t.Fatalf("the refusal %s is not explained", a.Body)
	}
}

// end cancels the prompt of an acknowledged push, if there is one, so that the next one can come.
func (b *bench) end(t *testing.T, answer daraja.STKPushResponse) {
	id, ok := b.Mint.ParseMerchantRequest(answer.MerchantRequestID)
	p, err := store.Get(t.Context(), b.Store, mpesa.Payments, id)
	if !ok || err != nil || p == nil {
		t.Fatalf("acknowledged %s is payment %d %+v, %v", answer.MerchantRequestID, id, p, err)
	}
	phone, _ := p.Payer.Phone()
	c := &mpesa.AnswerPrompt{Phone: phone, Entered: mpesa.PressedCancel}
	b.do(t, c)
	if c.Open == p.State.Final() {
		t.Fatalf("payment %d was %s, and a prompt was open: %v", id, p.State, c.Open)
	}
}

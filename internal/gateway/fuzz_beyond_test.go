package gateway_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// others are the APIs beyond the documents, each with a request that nothing is wrong with.
var others = map[string]fields{
	qrPath: qrFields, orgInfoPath: orgInfoFields, pullRegisterPath: pullRegisterFields, pullQueryPath: pullQueryFields,
	checkoutPath: checkoutFields, standingPath: standingFields,
}

// FuzzOthers sends arbitrary bodies to each of them, and arbitrary values of its fields in an otherwise good one. Whatever comes is
// answered with JSON, a refusal is explained, and nothing moves before somebody has entered a PIN.
func FuzzOthers(f *testing.F) {
	b := newOwned(f)
	paths := slices.Sorted(maps.Keys(others))
	for i, path := range paths {
		body, err := json.Marshal(others[path])
		if err != nil {
			f.Fatal(err)
		}
		for j, value := range []string{`"x"`, `null`, `254708374149`, `"\u0000"`, `{}`, `1e400`, `"20261121"`, `"999999"`} {
			f.Add(uint8(i), uint8(j), body, value)
		}
	}
	f.Fuzz(func(t *testing.T, which, field uint8, body []byte, value string) {
		path := paths[int(which)%len(paths)]
		b.fuzzedOther(t, path, body)
		changes := fields{}
		if json.Valid([]byte(value)) {
			names := slices.Sorted(maps.Keys(others[path]))
			changes[names[int(field)%len(names)]] = json.RawMessage(value)
		}
		if good, err := json.Marshal(others[path].With(changes)); err == nil { // what JSON can't write can't be sent so
			b.fuzzedOther(t, path, good)
		}
	})
}

func (b *bench) fuzzedOther(t *testing.T, path string, body []byte) {
	t.Helper()
	before := b.Books(t)
	a := b.Post(t, path, body)
	e := b.journal.Entries(0, 0, 1, nil)[0]
	switch {
	case !json.Valid(a.Body):
		t.Fatalf("%s %q is answered with HTTP %d %s", path, body, a.Status, a.Body)
	case e.Code != "" && (e.Explanation == "" || e.Payment != 0):
		t.Fatalf("the journal says %+v of HTTP %d %s", e, a.Status, a.Body)
	case a.Status != 200 && a.Status != 400:
		t.Fatalf("%s %q is refused with HTTP %d %s", path, body, a.Status, a.Body)
	}
	if e.Payment != 0 {
		b.cancelled(t, e.Payment)
	}
	after := b.Books(t)
	if after.Sum != 0 || after.Transfers != before.Transfers && e.Payment == 0 {
		t.Fatalf("%s %q: the books went from %+v to %+v", path, body, before, after)
	}
}

// cancelled has the customer press cancel who is prompted by a payment or a standing order, unless nobody was.
func (b *bench) cancelled(t *testing.T, payment int64) {
	t.Helper()
	x, err := store.Subject(t.Context(), b.Store, payment)
	if err != nil || x == nil {
		t.Fatalf("payment %d is %+v, %v", payment, x, err)
	}
	p := x.Head()
	if phone, _ := p.Payer.Phone(); p.State == mpesa.Prompting {
		b.do(t, &mpesa.AnswerPrompt{Phone: phone, Entered: mpesa.PressedCancel})
	}
}

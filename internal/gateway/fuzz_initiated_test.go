package gateway_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/testworld"
)

// FuzzInitiated sends arbitrary bodies to each API, and arbitrary values of its fields in an otherwise good one. Whatever comes is
// acknowledged or refused in the documented form; money moves only with a payment that was acknowledged and completed; the books balance.
func FuzzInitiated(f *testing.F) {
	b := newBench(f)
	for i, api := range tested {
		body, err := json.Marshal(b.Requests()[api.path])
		if err != nil {
			f.Fatal(err)
		}
		for _, value := range []string{`"x"`, `null`, `254708374149`, `"\u0000"`, `{}`, `1e400`, `"` + testworld.Organisation + `"`} {
			f.Add(uint8(i), uint8(len(value)), body, value)
		}
	}
	f.Fuzz(func(t *testing.T, which, field uint8, body []byte, value string) {
		api := tested[int(which)%len(tested)]
		b.fuzzed(t, api.path, body)
		changes := fields{"OriginatorConversationID": testworld.Absent}
		if json.Valid([]byte(value)) {
			changes = fields{api.fields[int(field)%len(api.fields)].name: json.RawMessage(value)}
		}
		good, err := json.Marshal(b.Requests()[api.path].With(changes))
		if err == nil { // what is left out can't be written so
			b.fuzzed(t, api.path, good)
		}
	})
}

// fuzzed sends a body, gives its request its turn, and sees that nothing came of it but what was said.
func (b *bench) fuzzed(t *testing.T, path string, body []byte) {
	t.Helper()
	before := b.Books(t)
	a := b.Post(t, path, body)
	switch {
	case a.Status == 200 && a.Text("ResponseCode") == "0":
		for _, p := range b.queued(t) {
			b.processed(t, &p)
		}
		b.Books(t)
		return
	case a.Status == 200:
		t.Fatalf("%s %q is answered with %s", path, body, a.Body)
	}
	checkRefusal(t, a.Body)
	documented := slices.ContainsFunc([]codes.Error{codes.BadPayload, codes.DuplicateOriginator}, func(e codes.Error) bool {
		return e.Status == a.Status && e.Code == a.Code() && e.Message == a.Message()
	})
	invalid := a.Status == 400 && a.Code() == "400.002.02" && regexp.MustCompile(`^Bad Request - Invalid [A-Za-z]+$`).MatchString(a.Message())
	if !documented && !invalid {
		t.Fatalf("%s %q is refused with HTTP %d %s", path, body, a.Status, a.Body)
	}
	if e := b.journal.Entries(0, 0, 1, nil)[0]; e.Explanation == "" || e.Payment != 0 {
		t.Fatalf("the journal says %+v of %s", e, a.Body)
	}
	if after := b.Books(t); !reflect.DeepEqual(after, before) {
		t.Fatalf("%s %q is refused, and the books went from %+v to %+v", path, body, before, after)
	}
}

package gateway_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/testworld"
)

// What the tests of the APIs beyond the documents share (wire.md §14).

// postFields sends a request with some of its fields changed.
func (b *bench) postFields(t testing.TB, path string, request, changes fields) testworld.Answer {
	t.Helper()
	all := request.With(changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == any(testworld.Absent) })
	body, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return b.Post(t, path, body)
}

// malformed are values that a field refuses, beside what every mandatory one does.
type malformed struct {
	name   string
	values []any
}

// refusesEach wants each of a request's fields to be refused when it is missing, or malformed.
func (b *bench) refusesEach(t *testing.T, path string, request fields, list []malformed, refused func(t testing.TB, a testworld.Answer, field string)) {
	t.Helper()
	b.nothingMoved(t)
	for _, field := range list {
		for _, value := range append(append([]any{testworld.Absent}, field.values...), notText...) {
			t.Run(fmt.Sprintf("%s %.40v", field.name, describe(value)), func(t *testing.T) {
				refused(t, b.postFields(t, path, request, fields{field.name: value}), field.name)
			})
		}
	}
	t.Run("nothing", func(t *testing.T) { refused(t, b.Post(t, path, nil), list[0].name) })
}

// refusedField wants the usual refusal of a field.
func (b *bench) refusedField(t testing.TB, a testworld.Answer, field string) {
	t.Helper()
	b.refused(t, a, codes.InvalidField(field))
}

// answered wants an answer of HTTP 200 with this very body.
func answered(t testing.TB, a testworld.Answer, body string) {
	t.Helper()
	if a.Status != 200 || string(a.Body) != body {
		t.Errorf("got HTTP %d %s\nwant %s", a.Status, a.Body, body)
	}
}

// later moves the clock, and fetches a new token.
func (b *bench) later(t testing.TB, by time.Duration) {
	t.Helper()
	b.Clock.Advance(by)
	b.Renew(t)
}

// noted wants the newest entry of the journal to have a code that the answer's HTTP status doesn't show.
func (b *bench) noted(t testing.TB, code string) {
	t.Helper()
	if e := b.journal.Entries(0, 0, 1, nil)[0]; e.Status != 200 || e.Code != code || e.Explanation == "" {
		t.Errorf("the journal says HTTP %d, code %q: %q; want code %s explained", e.Status, e.Code, e.Explanation, code)
	}
}

// change changes an organisation.
func (b *bench) change(t testing.TB, s mpesa.Shortcode, change func(*mpesa.Organisation)) {
	t.Helper()
	b.do(t, &portal.ChangeOrganisation{Shortcode: s, Change: func(o *mpesa.Organisation, _ bool) error { change(o); return nil }})
}

// Each of these APIs says in a way of its own that the token is wrong (wire.md §2.2).
func TestTokensOfTheOtherAPIs(t *testing.T) {
	b := newBench(t)
	for path, want := range map[string]codes.Error{
		qrPath:           codes.InvalidToken(codes.C2B, ""),
		orgInfoPath:      codes.InvalidToken(codes.Lookups, ""),
		pullRegisterPath: codes.InvalidToken(codes.PullRegister, ""),
		pullQueryPath:    codes.InvalidToken(codes.Lookups, ""),
		checkoutPath:     codes.InvalidToken(codes.Checkout, ""),
		standingPath:     codes.InvalidToken(codes.STK, ""),
	} {
		r := b.Request(t, "POST", path, []byte("{}"))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer wrong")
		b.refused(t, b.Merchant.Do(t, r), want)
	}
}

var (
	requestID      = regexp.MustCompile(`^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9]+$`)
	conversationID = regexp.MustCompile(`"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9]+"`)
)

func number(t testing.TB, phone string) msisdn.Number {
	t.Helper()
	n, err := msisdn.Parse(phone)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

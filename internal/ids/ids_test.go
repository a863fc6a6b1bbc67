package ids

import (
	"regexp"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/msisdn"
)

func TestReceiptsBeginWithTheDate(t *testing.T) {
	m := New([]byte("key"))
	for date, prefix := range map[string]string{ // wire.md §16
		"2017-08-21": "LHL", "2019-12-19": "NLJ", "2024-07-06": "SG6", "2026-10-02": "UJ2", "2025-11-06": "TK6", "2023-11-21": "RKL", "2026-03-26": "UCQ",
	} {
		at, err := time.ParseInLocation("2006-01-02", date, clock.EAT)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Receipt(7, at); got[:3] != prefix || !regexp.MustCompile(`^[0-9A-Z]{10}$`).MatchString(got) {
			t.Errorf("receipt of %s is %s; want it to begin with %s", date, got, prefix)
		}
		if got := NoReceipt(at); got != prefix+"0000000" {
			t.Errorf("NoReceipt(%s) = %s", date, got)
		}
	}
}

func TestIdentifiersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New([]byte(rapid.String().Draw(t, "key")))
		id := rapid.Int64Range(1, receiptSpace-1).Draw(t, "payment")
		at := time.UnixMilli(rapid.Int64Range(1_000_000_000_000, 4_000_000_000_000).Draw(t, "ms"))
		phone := msisdn.Number(rapid.Int64Range(254_100_000_000, 254_799_999_999).Draw(t, "phone"))

		if got, ok := m.ParseReceipt(m.Receipt(id, at)); !ok || got != id {
			t.Fatalf("receipt %s reads back as %d, %v", m.Receipt(id, at), got, ok)
		}
		if got, ok := m.ParseConversation(m.Conversation(id, at)); !ok || got != id {
			t.Fatalf("conversation %s reads back as %d, %v", m.Conversation(id, at), got, ok)
		}
		if got, ok := m.ParseMerchantRequest(m.MerchantRequest(id)); !ok || got != id {
			t.Fatalf("merchant request %s reads back as %d, %v", m.MerchantRequest(id), got, ok)
		}
		when, whose, ok := ParseCheckoutRequest(CheckoutRequest(at, phone))
		if !ok || !when.Equal(at) || whose != phone {
			t.Fatalf("checkout request %s reads back as %v, %v, %v", CheckoutRequest(at, phone), when, whose, ok)
		}
	})
}

func TestForms(t *testing.T) {
	m := New([]byte("key"))
	at := time.Date(2026, 9, 18, 3, 51, 27, 2*int(time.Millisecond), clock.EAT)
	for form, id := range map[string]string{
		`^AG_20260918_0100[0-9]{4}[0-9a-z]{12}$`:                m.Conversation(42, at),
		`^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}42$`:  m.MerchantRequest(42),
		`^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\d+$`: m.Refused(),
		`^ws_CO_180920260351272708374149$`:                      CheckoutRequest(at, 254708374149),
	} {
		if !regexp.MustCompile(form).MatchString(id) {
			t.Errorf("%s does not have the form %s", id, form)
		}
	}
}

func TestForeignIdentifiersAreRefused(t *testing.T) {
	m := New([]byte("key"))
	for _, s := range []string{"", "ws_CO_", "ws_CO_999999999999991708374149", "ws_CO_18092026035127002708374149", "AG_20260928_0100101002hi3i67m6ml", "29115-34620561-1", "abc", "UJ2-------"} {
		if _, _, ok := ParseCheckoutRequest(s); ok {
			t.Errorf("ParseCheckoutRequest(%q) is fine", s)
		}
		if _, ok := m.ParseMerchantRequest(s); ok {
			t.Errorf("ParseMerchantRequest(%q) is fine", s)
		}
		if _, ok := m.ParseConversation(s); ok {
			t.Errorf("ParseConversation(%q) is fine", s)
		}
		if _, ok := m.ParseReceipt(s); ok {
			t.Errorf("ParseReceipt(%q) is fine", s)
		}
	}
}

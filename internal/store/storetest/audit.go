package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

var auditTests = map[string]func(*testing.T, Database){
	"AuditIsABusinesssAndComesInPages":     testAuditPages,
	"AuditIsNotChanged":                    testAuditStays,
	"MessagesAreAPhonesAndTheNewestFirst":  testMessages,
	"AWebOperatorIsReadAsItWasWritten":     testWebOperator,
	"AnOperatorsPasswordsAreNotLeftBehind": testOperatorChanged,
}

// entries are five of the shop's and one of the till's.
func entries() (list []any) {
	for n := range int64(6) {
		e := mpesa.AuditEntry{ID: 100 + n, At: noon.UnixMilli() + n, Business: shop, Username: "admin", From: "::1", Action: "sign in", Subject: "x", Refused: "no"}
		if n == 3 {
			e.Business = till
		}
		list = append(list, e)
	}
	return list
}

func testAuditPages(t *testing.T, s Database) {
	put(t, s, entries()...)
	var got []int64
	for before := int64(0); ; {
		list := must[[]mpesa.AuditEntry](t)(s.Audit(t.Context(), shop, store.Page{Before: before, Limit: 2}))
		if len(list) == 0 {
			break
		}
		for _, e := range list {
			got = append(got, e.ID)
			before = e.ID
		}
	}
	same(t, "entries", got, []int64{105, 104, 102, 101, 100})
}

func testAuditStays(t *testing.T, s Database) {
	if s.Try == nil {
		t.Skip("nothing can be done behind the store's back")
	}
	put(t, s, entries()...)
	for _, statement := range []string{"UPDATE audit SET refused = '' WHERE id = 101", "DELETE FROM audit WHERE id = 101", "DELETE FROM audit",
		"INSERT INTO audit VALUES (101, 0, 0, '', '', '', '', '', 0, '') ON CONFLICT (id) DO UPDATE SET refused = ''", s.EmptyAudit} {
		if err := s.Try(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "the audit is not changed") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if list := must[[]mpesa.AuditEntry](t)(s.Audit(t.Context(), shop, store.Page{Limit: 10})); len(list) != 5 || list[4].Refused != "no" {
		t.Errorf("the audit is %+v", list)
	}
}

func testMessages(t *testing.T, s Database) {
	for n := range int64(3) {
		put(t, s, mpesa.Message{ID: 100 + n, Phone: achieng, At: noon.UnixMilli() + n, Text: fmt.Sprint(n)})
	}
	put(t, s, mpesa.Message{ID: 200, Phone: kamau, At: noon.UnixMilli(), Text: "another's"})
	list := must[[]mpesa.Message](t)(s.Messages(t.Context(), achieng, store.Page{Limit: 2}))
	if len(list) != 2 || list[0].Text != "2" || list[1].Text != "1" {
		t.Errorf("messages: %+v", list)
	}
}

func webOperator() mpesa.Operator {
	return mpesa.Operator{Shortcode: shop, Username: "admin", Password: "hash", Roles: []mpesa.Role{mpesa.RoleAdministrator}, Wrong: 1, Channel: mpesa.ChannelWeb,
		Person: mpesa.Person{Name: "Atieno", Phone: achieng, Email: "a@b.example", IDType: "Passport", IDNumber: "A1"}, Suspended: true, First: true,
		Earlier: []string{"one", "two"}, Questions: []mpesa.SecurityQuestion{{Question: "where?", Answer: "hash"}},
		OTP: mpesa.OneTimePIN{Digest: "digest", Purpose: mpesa.OTPSignIn, At: 5, Wrong: 2}, Epoch: 7, SignedIn: 8}
}

func testWebOperator(t *testing.T, s Database) {
	o := webOperator()
	put(t, s, o)
	same(t, "operator", must[*mpesa.Operator](t)(store.Get(t.Context(), s, mpesa.Operators, o.ID())), &o)
	same(t, "operators", must[[]mpesa.Operator](t)(s.Operators(t.Context(), shop)), []mpesa.Operator{o})
}

func testOperatorChanged(t *testing.T, s Database) {
	o := webOperator()
	put(t, s, o)
	bare := mpesa.Operator{Shortcode: shop, Username: "admin", Roles: []mpesa.Role{}}
	put(t, s, bare)
	same(t, "operator", must[*mpesa.Operator](t)(store.Get(t.Context(), s, mpesa.Operators, o.ID())), &bare)
}

package controlapi_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// statement asks for a statement of the shop's.
func (c caller) statement(query string) (s control.Statement) {
	c.t.Helper()
	c.get(shop+"/statement?"+query).answers(http.StatusOK, &s)
	return s
}

// checked fails the test unless a statement's entries follow on one another: numbered without gaps, and each balance the one before
// with the amount added or taken away.
func (c caller) checked(s control.Statement) control.Statement {
	c.t.Helper()
	for i := 1; i < len(s.Items); i++ {
		newer, older := s.Items[i-1], s.Items[i]
		if newer.Number != older.Number+1 || newer.Balance != older.Balance+newer.PaidIn-newer.Withdrawn || newer.At.Before(older.At.Time) {
			c.t.Errorf("%+v doesn't follow on %+v", newer, older)
		}
	}
	return s
}

func TestStatementFollowsTheBalance(t *testing.T) {
	c := openShop(t)
	for i := range 7 {
		c.Pay(t, []msisdn.Number{controltest.John, controltest.Jane}[i%2], int64(100+i), "1234")
		c.Clock.Advance(2 * time.Minute)
	}
	c.initiates("", `{"task":"BusinessPayment","to":"254708374149","amount":"150.50","remarks":"=HYPERLINK(\"x\")"}`)
	c.Do(t, &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: 174379}}, Asked: mpesa.MoveTask(174379, mpesa.OwnRoute{From: mpesa.Utility, To: mpesa.Working}, money.Shillings(25))}) // as a B2B command does
	s := c.checked(c.statement("account=utility"))
	if len(s.Items) != 10 || s.Account != "Utility Account" || s.From != "2026-10-21" || s.To != "2026-11-20" || s.Opening != 0 || s.Next != "" {
		t.Fatalf("got %+v", s)
	}
	if s.Closing != control.Amount(c.account("Utility Account")) || s.Items[0].Balance != s.Closing || s.PaidIn-s.Withdrawn != s.Closing || s.Withdrawn != 175_50 {
		t.Errorf("in %s, out %s, closing %s", s.PaidIn, s.Withdrawn, s.Closing)
	}
	move, payout, paid := s.Items[0], s.Items[1], s.Items[2]
	if move.Party != "Working Account" || move.Details != "Move Funds from Utility Account to MMF Account" || move.Withdrawn != 25_00 {
		t.Errorf("a move is %+v", move)
	}
	if payout.Party != "0708374149 John Doe" || payout.Details != "Business Payment to Customer" || payout.Withdrawn != 150_50 || payout.Remarks != `=HYPERLINK("x")` || len(payout.Receipt) != 10 {
		t.Errorf("a payout is %+v", payout)
	}
	if paid.Details != "Pay Bill Online" || paid.Reference != "INV-7" || !strings.HasSuffix(paid.Party, "John Doe") || paid.PaidIn != 106_00 {
		t.Errorf("a payment is %+v", paid)
	}
	charges := c.checked(c.statement("account=charges"))
	if len(charges.Items) == 0 || charges.Items[0].Details != "Fee For B2C Payment" || charges.Items[0].Party != "M-PESA" {
		t.Errorf("the charges are %+v", charges.Items)
	}
	for limit := 1; limit < 12; limit++ {
		var numbers []int64
		for before := ""; ; {
			page := c.checked(c.statement(fmt.Sprintf("account=utility&limit=%d&after=%s", limit, before)))
			for _, e := range page.Items {
				numbers = append(numbers, e.Number)
			}
			if before = page.Next; before == "" {
				break
			}
		}
		if fmt.Sprint(numbers) != "[10 9 8 7 6 5 4 3 2 1]" {
			t.Errorf("in pages of %d come %v", limit, numbers)
		}
	}
}

func TestStatementOfAPeriod(t *testing.T) {
	c := start(t)
	c.Pay(t, controltest.John, 10, "1234")
	c.Clock.Advance(12*time.Hour - 125*time.Millisecond - time.Millisecond) // the last millisecond of the 20th
	c.Pay(t, controltest.John, 20, "1234")
	c.Clock.Advance(time.Millisecond)
	c.Pay(t, controltest.John, 30, "1234")
	for query, want := range map[string][3]int64{ // entries, opening, closing
		"account=utility&from=2026-11-20&to=2026-11-20": {2, 0, 30},
		"account=utility&from=2026-11-21":               {1, 30, 60},
		"account=utility&to=2026-11-20":                 {2, 0, 30},
		"account=utility":                               {3, 0, 60},
		"account=utility&from=2026-11-22&to=2026-11-30": {0, 60, 60},
		"account=utility&from=2026-01-01&to=2026-01-31": {0, 0, 0},
		"account=merchant":                              {0, 0, 0},
	} {
		s := c.statement(query)
		if int64(len(s.Items)) != want[0] || s.Opening != control.Shillings(want[1]) || s.Closing != control.Shillings(want[2]) {
			t.Errorf("%s: %d entries from %s to %s", query, len(s.Items), s.Opening, s.Closing)
		}
	}
}

func TestStatementIsSearched(t *testing.T) {
	c := openShop(t)
	c.Pay(t, controltest.John, 1500, "1234")
	c.Pay(t, controltest.Jane, 700, "1234")
	c.Clock.Advance(3 * time.Minute)
	c.Pay(t, controltest.John, 700, "1234")
	all := c.statement("account=utility")
	first := all.Items[2] // John's 1500
	byReceipt := c.statement("receipt=" + strings.ToLower(first.Receipt))
	if len(byReceipt.Items) != 2 || byReceipt.Items[0].Account != "Utility Account" || byReceipt.Items[1].Account != "Charges Paid Account" || byReceipt.Items[0].Payment != first.Payment {
		t.Errorf("by receipt: %+v", byReceipt.Items)
	}
	if none := c.statement("receipt=UKK0000000"); len(none.Items) != 0 {
		t.Errorf("of no payment: %+v", none.Items)
	}
	byPhone := c.statement("account=utility&phone=0708374149")
	if len(byPhone.Items) != 2 || byPhone.Items[0].PaidIn != 700_00 || byPhone.Items[1].PaidIn != 1500_00 || byPhone.PaidIn != 2200_00 {
		t.Errorf("by phone: %+v", byPhone.Items)
	}
	one := c.statement("account=utility&phone=0708374149&limit=1")
	two := c.statement("account=utility&phone=0708374149&limit=1&after=" + one.Next)
	if len(one.Items) != 1 || len(two.Items) != 1 || two.Items[0].PaidIn != 1500_00 {
		t.Errorf("by phone in pages: %+v, then %+v", one, two)
	}
	if working := c.statement("account=working&phone=0708374149"); len(working.Items) != 0 {
		t.Errorf("in Working: %+v", working.Items)
	}
	if before := c.statement("account=utility&phone=0708374149&to=2026-11-19"); len(before.Items) != 0 {
		t.Errorf("the day before: %+v", before.Items)
	}
	byAmount := c.statement("account=utility&amount=700")
	if len(byAmount.Items) != 2 || byAmount.Next != "" {
		t.Errorf("by amount: %+v", byAmount)
	}
	page := c.statement("account=utility&amount=700&limit=1")
	next := c.statement("account=utility&amount=700&limit=1&after=" + page.Next)
	if len(page.Items) != 1 || len(next.Items) != 1 || page.Items[0].Number == next.Items[0].Number {
		t.Errorf("by amount in pages: %+v, then %+v", page, next)
	}
}

// A search among many entries finds all there are in the period, and comes to its end.
func TestSearchGoesThroughThePeriod(t *testing.T) {
	c := start(t)
	c.Do(t, many{account: controltest.PayBill.Party().Account(mpesa.Utility), transfers: 5000})
	for _, after := range []string{"", fmt.Sprintf("%d-1500", controltest.Start.UnixMilli())} {
		if s := c.statement("account=utility&amount=7&after=" + after); len(s.Items) != 1 || s.Items[0].Number != 7 || s.Next != "" {
			t.Errorf("after %q it finds %+v, and goes on at %q", after, s.Items, s.Next)
		}
	}
}

// many pays into an account, one transfer a payment: 1, 2, 3 … shillings.
type many struct {
	account   mpesa.AccountID
	transfers int64
}

func (m many) Need(v *mpesa.View) {
	for _, id := range []mpesa.AccountID{m.account, mpesa.Provider.Account(mpesa.Trust)} {
		mpesa.Accounts.Need(v, id)
	}
}

func (m many) Decide(v *mpesa.View, now time.Time) {
	for i := range m.transfers {
		v.Transfer(mpesa.Deposit, mpesa.Provider, m.account.Party(), "test", []mpesa.Posting{{Debit: mpesa.Provider.Account(mpesa.Trust), Credit: m.account, Amount: money.Shillings(i + 1)}}, now)
	}
}

func TestStatementAsATable(t *testing.T) {
	c := openShop(t)
	c.Pay(t, controltest.John, 700, "1234")
	c.initiates("", `{"task":"BusinessPayment","to":"254708374149","amount":"50.50","remarks":"=1+1"}`)
	got := c.get(shop + "/statement.csv?account=utility")
	if media := got.header.Get("Content-Type"); got.status != http.StatusOK || media != "text/csv" {
		t.Fatalf("HTTP %d, %s", got.status, media)
	}
	rows, err := csv.NewReader(strings.NewReader(string(got.body))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%v: %q", err, rows)
	}
	if rows[0][0] != "Entry" || rows[1][0] != "3" || rows[1][6] != "'=1+1" || rows[1][8] != "50.50" || rows[1][9] != "5649.50" || rows[2][7] != "700.00" {
		t.Errorf("got %q", rows)
	}
	c.get(shop+"/statement.csv?amount=5").refuses(http.StatusBadRequest, "bad-parameter", "amount", "no such parameter")
}

func TestWholePeriodIsInTheTable(t *testing.T) {
	c := start(t)
	c.Do(t, many{account: controltest.PayBill.Party().Account(mpesa.Utility), transfers: 2500})
	var out strings.Builder
	if err := control.New(c.Serve(t)).StatementCSV(t.Context(), "174379", control.StatementQuery{Account: "utility"}, &out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 2501 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		if row[0] != fmt.Sprint(2500-i) {
			t.Fatalf("row %d is entry %s", i, row[0])
		}
	}
}

func TestBadStatements(t *testing.T) {
	c := start(t)
	for query, want := range map[string][2]string{
		"account=savings":               {"account", `"charges"`},
		"from=yesterday":                {"from", "2026-11-20"},
		"to=2026-13-01":                 {"to", "2026-11-20"},
		"from=2026-11-20&to=2026-11-19": {"to", "may not be before"},
		"phone=12":                      {"phone", "Safaricom"},
		"amount=1,000":                  {"amount", "100.50"},
		"amount=0":                      {"amount", "more than 0"},
		"amount=1&phone=0708374149":     {"receipt", "one at a time"},
		"after=x":                       {"after", "next"},
		"after=5-x":                     {"after", "next"},
		"phone=0708374149&after=5-x":    {"after", "next"},
		"limit=1001":                    {"limit", "1000"},
		"page=2":                        {"page", "no such parameter"},
		"from=1900-01-01":               {"from", "2026-11-20"},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		c.get(shop+"/statement?"+values.Encode()).refuses(http.StatusBadRequest, "bad-parameter", want[0], want[1])
	}
	c.get("/kivuko/v1/organisations/600123/statement").refuses(http.StatusNotFound, "not-found", "", "nobody's")
}

func TestTariffsThatApply(t *testing.T) {
	c := start(t)
	var got control.Tariffs
	c.get(shop+"/tariffs").answers(http.StatusOK, &got)
	names := ""
	for _, x := range got.Tariffs {
		names += x.Tariff.Name + " "
		if len(x.Tariff.Bands) == 0 || x.Tariff.From > "2026-11-20" || x.Payments == "" {
			t.Errorf("got %+v", x)
		}
	}
	if names != "mgao salary business promotion b2c b2b standing-order " || got.Limits.Name != "standard" || got.Balance != got.Limits.ReceiverBalance {
		t.Errorf("got %s with %+v", names, got.Limits)
	}
	c.do(http.MethodPut, shop, `{"maxBalance":1000,"moveTariff":"b2b-2017","tariff":"customer-bouquet"}`)
	c.get(shop+"/tariffs").answers(http.StatusOK, &got)
	if got.Balance != 1000_00 || got.Tariffs[0].Tariff.Name != "customer-bouquet" || got.Tariffs[5].Tariff.Name != "b2b-2017" {
		t.Errorf("got %+v", got)
	}
}

package mpesa_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

const businessPayment = "BusinessPayment"

// row is a row of a bulk file, of whole shillings.
func row(line int64, phone msisdn.Number, shillings int64) portal.BulkRow {
	return portal.BulkRow{ID: portal.BulkRowID{Line: line}, Phone: phone, Amount: money.Shillings(shillings), Remarks: fmt.Sprintf("line %d", line)}
}

// payroll is a file with a row for each of n customers, from the second line on: KES 100, 101, 102 and so on.
func payroll(n int) (rows []portal.BulkRow) {
	for i := range int64(n) {
		rows = append(rows, row(i+2, 254711000000+msisdn.Number(i), 100+i))
	}
	return rows
}

// submitting is a bulk file of the pay bill's, submitted by an operator; "" is Kivuko's administrator.
func submitting(by string, rows ...portal.BulkRow) *portal.SubmitBulk {
	return &portal.SubmitBulk{By: as(by), Command: businessPayment, Name: "march.csv", Rows: rows, Digest: fmt.Sprint(rows)}
}

// submit submits a bulk file, and fails the test if it is refused.
func (b *bench) submit(c *portal.SubmitBulk) mpesa.Payment {
	b.t.Helper()
	if b.run(c); c.Refused != nil || c.Unknown {
		b.t.Fatalf("the file was refused: %v", c.Refused)
	}
	return c.Payment
}

// payBulk looks at a bulk file until it has come to its end, and gives how often that took.
func (b *bench) payBulk(p mpesa.Payment) (_ mpesa.Payment, looks int) {
	b.t.Helper()
	for ; !b.stands(p.ID).State.Final(); looks++ {
		if looks == 1000 {
			b.t.Fatalf("after %d looks the file is %+v", looks, b.stands(p.ID))
		}
		b.run(falls(b.stands(p.ID)))
	}
	return b.payments[p.ID], looks
}

func TestABulkFileIsApprovedAndPaidRowByRow(t *testing.T) {
	b := newPortal(t)
	n := 2*portal.BulkChunk + 1
	rows := payroll(n)
	rows[7].Phone = mary
	utility := account(payBill, mpesa.Utility)
	before := b.accounts[utility]
	c := submitting(wanjiru, rows...)
	p := b.submit(c)
	if p.State != mpesa.Approving || b.heldBy(p) != p.Amount || b.accounts[utility].Held != p.Amount || len(b.bulkRows) != n {
		t.Fatalf("submitted, the file is %+v, and %s is held", p, b.accounts[utility].Held)
	}
	decide := b.decide(otieno, p.ID, true)
	if decide.Refused != nil || decide.Payment.State != mpesa.Queued || decide.Payment.DueAt != b.now.UnixMilli() {
		t.Fatalf("approved, the file is %+v: %v", decide.Payment, decide.Refused)
	}
	b.put(mary, func(c *mpesa.PutPhone) { c.Standing = ptr(mpesa.Inactive) }) // since it was checked
	p, looks := b.payBulk(p)
	file := p.Details.Bulk
	if p.State != mpesa.Completed || looks != 3 || file.Rows != int64(n) || file.Paid != int64(n-1) || file.Failed != 1 || file.PaidAmount != p.Amount-rows[7].Amount {
		t.Fatalf("after %d looks the file is %+v", looks, p)
	}
	if after := b.accounts[utility]; after.Held != 0 || before.Balance-after.Balance != file.PaidAmount {
		t.Errorf("the Utility Account went from %+v to %+v", before, after)
	}
	if -b.balance(payBill.Party(), mpesa.ChargesPaid) != p.Details.Charge || p.Details.Charge >= file.Charges {
		t.Errorf("charges of %s, %s of them paid", file.Charges, p.Details.Charge)
	}
	for _, r := range rows {
		r.ID.Bulk = p.ID
		paid := b.payments[b.bulkRows[r.ID].Payment]
		want := codes.Success
		if r.Phone == mary {
			want = codes.AccountNotAllowed
		}
		if paid.Result != want || paid.Kind != mpesa.B2C || paid.Amount != r.Amount || paid.Payee != mpesa.CustomerParty(r.Phone) || paid.Details.Description != r.Remarks ||
			paid.Details.Original != p.ID || paid.Details.Initiator != wanjiru {
			t.Errorf("line %d became %+v", r.ID.Line, paid)
		}
	}
}

func TestRowsThatWouldFailAreFoundBeforeAnythingMoves(t *testing.T) {
	b := newOffice(t)
	b.policy.RegisterUnknown = false
	b.put(mary, func(c *mpesa.PutPhone) { c.Standing = ptr(mpesa.Inactive) })
	rich := msisdn.Number(254711000001)
	b.put(rich, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(499_950)) })
	poor := msisdn.Number(254711000002)
	b.put(poor, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Amount(0)) })
	for name, x := range map[string]struct {
		rows    []portal.BulkRow
		repeats bool
		want    []string // the lines that are wrong, with their results
	}{
		"good":                      {rows: []portal.BulkRow{row(2, john, 100)}},
		"nobody's number":           {rows: []portal.BulkRow{row(2, alien, 100), row(3, john, 100)}, want: []string{"2 SFC_IC0003"}},
		"not active":                {rows: []portal.BulkRow{row(2, mary, 100)}, want: []string{"2 2006"}},
		"too little and too much":   {rows: []portal.BulkRow{row(2, john, 9), row(3, rich, 250_001)}, want: []string{"2 2", "3 3"}},
		"more than allowed to hold": {rows: []portal.BulkRow{row(2, rich, 51)}, want: []string{"2 8"}},
		"a customer twice":          {rows: []portal.BulkRow{row(2, john, 100), row(3, rich, 10), row(4, john, 101)}, want: []string{"4 "}},
		"a customer twice, wanted":  {rows: []portal.BulkRow{row(2, john, 100), row(4, john, 100)}, repeats: true},
		"together too much":         {rows: []portal.BulkRow{row(2, rich, 30), row(3, rich, 20), row(4, rich, 10)}, repeats: true, want: []string{"4 8"}},
		"together above the day's":  {rows: []portal.BulkRow{row(2, poor, 250_000), row(3, poor, 250_000), row(4, poor, 10)}, repeats: true, want: []string{"4 4"}},
	} {
		c := &portal.CheckBulk{Command: businessPayment, Rows: x.rows, Repeats: x.repeats}
		accounts, transfers, payments := b.snapshot()
		b.run(c)
		var got []string
		for _, problem := range c.Problems {
			got = append(got, fmt.Sprintf("%d %s", problem.Line, problem.Result))
		}
		if strings.Join(got, ", ") != strings.Join(x.want, ", ") {
			t.Errorf("%s: %q; want %q: %+v", name, got, x.want, c.Problems)
		}
		if len(b.accounts) != len(accounts) || len(b.transfers) != transfers || len(b.payments) != payments {
			t.Errorf("%s: something moved", name)
		}
	}
}

func TestTheSameBulkFileTwiceIsNoticed(t *testing.T) {
	b := newOffice(t)
	first := b.submit(submitting("", row(1, john, 100)))
	again := submitting("", row(1, john, 100))
	b.run(again)
	if repeated, ok := errors.AsType[*portal.Repeated](again.Refused); !ok || repeated.Bulk != first.ID {
		t.Fatalf("the same file: %v", again.Refused)
	}
	again.Check = true
	if b.run(again); again.Refused != nil || again.Earlier != first.ID || again.Payment.ID != 0 {
		t.Errorf("the check: %+v", again)
	}
	again.Check, again.Again = false, true
	second := b.submit(again)
	if _, looks := b.payBulk(second); looks != 1 || b.balance(mpesa.CustomerParty(john), mpesa.Wallet) != money.Shillings(100_100) {
		t.Errorf("after %d looks John has %s", looks, b.balance(mpesa.CustomerParty(john), mpesa.Wallet))
	}
	third := submitting("", row(1, john, 100))
	if b.run(third); third.Earlier != first.ID || third.Refused == nil {
		t.Errorf("the third: %+v", third)
	}
	request := asking(businessPayment)
	request.Details.Originator = "bulk " + again.Digest
	b.accept(request)
	request.Details.Originator = "bulk of 174379 " + again.Digest
	b.accept(request) // no OriginatorConversationID is taken for a file
	other := submitting("", row(1, john, 100))
	other.By.Operator.Shortcode = bouquet
	b.submit(other) // is another organisation's
}

func TestWhatKeepsABulkFileFromBeingSubmitted(t *testing.T) {
	for name, x := range map[string]struct {
		by     string
		change func(*mpesa.Organisation)
		rows   []portal.BulkRow
		want   string
	}{
		"too little money": {rows: []portal.BulkRow{row(1, john, 250_000), row(2, mary, 250_000), row(3, alien, 250_000), row(4, 254711000000, 250_001)}, want: "1000000.00"},
		"no product":       {change: func(o *mpesa.Organisation) { o.Products = []mpesa.Product{mpesa.ProductC2B} }, want: "B2C"},
		"suspended":        {change: func(o *mpesa.Organisation) { o.Standing = mpesa.Suspended }, want: "suspended"},
		"an auditor":       {by: kip, want: `"initiate bulk files"`},
		"nobody":           {by: "nobody", want: "no operator"},
		"no such tariff":   {change: func(o *mpesa.Organisation) { o.Payouts = "none" }, want: "none"},
	} {
		for _, check := range []bool{false, true} {
			b := newPortal(t)
			if x.change != nil {
				b.change(payBill, x.change)
			}
			if x.rows == nil {
				x.rows = []portal.BulkRow{row(1, john, 100)}
			}
			c := submitting(x.by, x.rows...)
			c.Check = check
			if b.run(c); c.Refused == nil || !strings.Contains(c.Refused.Error(), x.want) || len(b.bulkRows) > 0 || c.Payment.ID != 0 {
				t.Errorf("%s: %v, %+v", name, c.Refused, c.Payment)
			}
		}
	}
	b := newOffice(t)
	c := submitting("", row(1, john, 100))
	c.By.Operator.Shortcode = nobody
	if b.run(c); !c.Unknown {
		t.Errorf("nobody's file: %+v", c)
	}
}

func TestARejectedBulkFileGivesItsMoneyBackAndIsStillNoticed(t *testing.T) {
	b := newPortal(t)
	p := b.submit(submitting(wanjiru, row(1, john, 100)))
	decide := b.decide(otieno, p.ID, false)
	if decide.Payment.State != mpesa.Failed || b.accounts[account(payBill, mpesa.Utility)].Held != 0 {
		t.Fatalf("rejected, the file is %+v", decide.Payment)
	}
	again := submitting(wanjiru, row(1, john, 100))
	if b.run(again); again.Refused == nil || again.Earlier != p.ID {
		t.Errorf("the same file: %+v", again)
	}
}

// Two nodes, or a queue that was read anew, may look at a file twice at once; between two looks an organisation may be suspended.
func TestEachRowIsPaidOnceHoweverOftenTheFileIsLookedAt(t *testing.T) {
	b := newOffice(t)
	rows := payroll(2 * portal.BulkChunk)
	p := b.submit(submitting("", rows...))
	look := portal.FallDue{Due: mpesa.Due{Payment: p.ID, Payer: p.Payer}}
	b.run(&look, &look, &look)
	if file := b.payments[p.ID].Details.Bulk; file.Paid != portal.BulkChunk-1 { // the first row is in line 2
		t.Fatalf("three looks at once have paid: %+v", file)
	}
	b.change(payBill, func(o *mpesa.Organisation) { o.Standing = mpesa.Suspended })
	p, _ = b.payBulk(p)
	b.run(&look)
	if file := p.Details.Bulk; file.Paid != portal.BulkChunk-1 || file.Failed != portal.BulkChunk+1 || b.accounts[account(payBill, mpesa.Utility)].Held != 0 {
		t.Errorf("the file: %+v", file)
	}
	for id, r := range b.bulkRows {
		if b.payments[r.Payment].ID == 0 {
			t.Errorf("line %d has no payment", id.Line)
		}
	}
}

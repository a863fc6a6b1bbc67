package portal

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/ledger"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

// Bulk payments (DarajaTutorial, B2C API: a bulk account pays many customers; no source describes the file).
//
// A bulk file is a payment of its own that moves nothing. It is submitted like any other task: it waits for its approval with its
// total held in the Utility account. Then it is Queued and due at once. Each time it is looked at it pays a few of its rows, each with
// a B2C payment that is final at once, and is due again until there are none left: so a crash, another node and a clock that is moved
// are what they are to every payment that waits. How far it has come stands in its details.

// BulkChunk is how many lines of a bulk file are paid in one decision. Other payments wait that long at most.
const BulkChunk = 50

// BulkRowID names a row of a bulk file: the payment of kind Bulk and the line, from 1.
type BulkRowID struct {
	Bulk int64
	Line int64
}

// BulkRows are the rows of bulk files.
var BulkRows = unit.NewTable[BulkRowID, BulkRow]("bulk_rows")

// BulkRow is a row of a bulk file: a payment to a customer.
type BulkRow struct {
	ID      BulkRowID
	Phone   msisdn.Number
	Amount  money.Amount
	Remarks string // as the file has them
	Payment int64  // by which it was paid, or was tried to; 0: its turn has not come
}

// RowProblem is why a row of a bulk file would not be paid.
type RowProblem struct {
	Line   int64
	Result codes.Result // that its payment would have; "": the row says the same customer again
	Reason string       // for people
}

// CheckBulk finds out which rows of a bulk file would not be paid, by the rules that pay them. Nothing changes. All rows of a customer
// have to be in the same command, since they count towards the customer's limits together.
type CheckBulk struct {
	Command string    // CommandID of the payments: one of Commands(B2C)
	Rows    []BulkRow // their lines, numbers and amounts
	Repeats bool      // a customer may have several rows

	Problems []RowProblem // at most one a row
}

// Need names the customers.
func (c *CheckBulk) Need(v *mpesa.View) {
	for i := range c.Rows {
		mpesa.Subscribers.Need(v, c.Rows[i].Phone)
		mpesa.Accounts.Need(v, mpesa.CustomerParty(c.Rows[i].Phone).Account(mpesa.Wallet))
	}
}

// Decide looks at each row.
func (c *CheckBulk) Decide(v *mpesa.View, now time.Time) {
	c.Problems = nil
	op, _ := mpesa.FindOperation(mpesa.B2C, c.Command)
	type earlier struct {
		line   int64
		amount money.Amount
	}
	met := map[msisdn.Number]earlier{}
	for i := range c.Rows {
		r := &c.Rows[i]
		before, again := met[r.Phone]
		result, reason := rowPayable(v, r, op, before.amount, now)
		switch {
		case again && !c.Repeats:
			c.Problems = append(c.Problems, RowProblem{Line: r.ID.Line, Reason: fmt.Sprintf("%s is in line %d already", r.Phone, before.line)})
			continue
		case result != codes.Success:
			c.Problems = append(c.Problems, RowProblem{r.ID.Line, result, reason})
			continue
		case !again:
			before.line = r.ID.Line
		}
		before.amount += r.Amount
		met[r.Phone] = before
	}
}

// rowPayable tells what forbids a row of a bulk file on its customer's side, who gets an amount of it by earlier rows.
func rowPayable(v *mpesa.View, r *BulkRow, op mpesa.Operation, before money.Amount, now time.Time) (codes.Result, string) {
	s, known := mpesa.Subscribers.Get(v, r.Phone)
	if !known && !v.Policy.Registers(r.Phone) {
		return mpesa.NoCustomer(r.Phone)
	}
	s.MSISDN = r.Phone // of a customer who is registered by the payment
	return v.CustomerTakes(s, op, r.Amount, before, now)
}

// Repeated is that a bulk file with the same rows was submitted before.
type Repeated struct{ Bulk int64 }

func (r *Repeated) Error() string {
	return fmt.Sprintf("bulk file %d has the same rows", r.Bulk)
}

// SubmitBulk submits a bulk file, whose rows have been checked: it waits for its approval, or is paid where it needs none.
type SubmitBulk struct {
	By      mpesa.Actor
	Command string    // CommandID of the payments: one of Commands(B2C)
	Name    string    // of the file, for people
	Rows    []BulkRow // in the order of their lines, of which there is one at least
	Digest  string    // of the rows: the organisation's files with the same one are the same
	Again   bool      // it may have been submitted before
	Check   bool      // only find out what would come of it: nothing changes

	Task    Task
	Payment mpesa.Payment // the file as it waits for its approval or its turn; of a check without a number
	Earlier int64         // the first file with the same rows; 0: there is none
	Refused error         // a *Forbidden, a *Declined or a *Repeated; or nil
	Unknown bool          // the shortcode is nobody's
}

// key is what keeps the same rows from being paid twice by mistake. The organisation's own keys are its OriginatorConversationIDs.
func (c *SubmitBulk) key() mpesa.IdempotencyKey {
	return mpesa.IdempotencyKey{Owner: mpesa.Provider, Name: "bulk of " + c.By.Operator.Shortcode.String() + " " + c.Digest}
}

// Need names the actor, the account that the money comes from, and an earlier file.
func (c *SubmitBulk) Need(v *mpesa.View) {
	needActor(v, c.By)
	v.NeedTask(&mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Bulk, Business: c.By.Operator.Shortcode}})
	mpesa.Idempotency.Need(v, c.key())
}

// Decide has the file wait, or says why it can't.
func (c *SubmitBulk) Decide(v *mpesa.View, now time.Time) {
	c.Task, c.Payment, c.Earlier, c.Refused, c.Unknown = Task{}, mpesa.Payment{}, 0, nil, false
	business := c.By.Operator.Shortcode
	if c.Unknown = mpesa.Organisations.Get(v, business) == nil; c.Unknown {
		return
	}
	p := mpesa.Payment{Header: mpesa.Header{Kind: mpesa.Bulk, Payer: business.Party(), Payee: business.Party(), Business: business}, Details: mpesa.Details{TransactionType: c.Command, Description: c.Name}}
	if c.Refused = addUp(v, &p, c, now); c.Refused != nil {
		return
	}
	first, there := mpesa.Idempotency.Get(v, c.key())
	if c.Earlier = first.Payment; c.Check {
		c.Payment, c.Refused = p, submittable(v, &p, c.By, now)
		return
	}
	if there && !c.Again {
		c.Refused = &Repeated{first.Payment}
		return
	}
	t := Task{Payment: p}
	if p, c.Refused = submit(v, &t, c.By, now); c.Refused != nil {
		return
	}
	if !there {
		v.Claim(c.key(), p.ID)
	}
	for _, r := range c.Rows {
		r.ID.Bulk = p.ID
		BulkRows.Create(v, r.ID, r)
	}
	c.Task, c.Payment = t, p
}

// addUp fills in what a bulk file's rows come to.
func addUp(v *mpesa.View, p *mpesa.Payment, c *SubmitBulk, now time.Time) error {
	op, _ := mpesa.FindOperation(mpesa.B2C, c.Command)
	p.Details.Bulk = mpesa.BulkFile{Rows: int64(len(c.Rows)), Last: c.Rows[len(c.Rows)-1].ID.Line}
	for i := range c.Rows {
		charge, result, reason := v.Charged(mpesa.Organisations.Get(v, p.Business).Payouts, op, c.Rows[i].Amount, now)
		if result != codes.Success {
			return &Declined{result, reason}
		}
		p.Amount += c.Rows[i].Amount
		p.Details.Bulk.Charges += charge
	}
	return nil
}

// submittable tells what would keep a task from being submitted.
func submittable(v *mpesa.View, p *mpesa.Payment, by mpesa.Actor, now time.Time) error {
	if err := forbids(v, by, initiating(p.Kind), "check "+p.Kind.String(), describe(p), now); err != nil {
		return err
	}
	result, reason := v.Allowed(p)
	if result == codes.Success {
		_, result, reason = v.Reserves(p)
	}
	if result != codes.Success {
		return &Declined{result, reason}
	}
	return nil
}

// queueBulk has a bulk file that nobody need approve any more wait for its turn, its total held.
func queueBulk(v *mpesa.View, p *mpesa.Payment, now time.Time) (codes.Result, string) {
	result, reason := reserve(v, p)
	if result == codes.Success {
		p.State, p.DueAt = mpesa.Queued, now.UnixMilli()
		v.PutPayment(p)
	}
	return result, reason
}

// needBulk names the next rows of a bulk file and what paying them moves.
func needBulk(v *mpesa.View, p *mpesa.Payment) {
	ledger.NeedHolds(v, p.ID)
	file := &p.Details.Bulk
	for line := file.Done + 1; line <= min(file.Done+BulkChunk, file.Last); line++ {
		id := BulkRowID{p.ID, line}
		if !BulkRows.Loaded(v, id) {
			BulkRows.Lead(v, id)
		} else if r, there := BulkRows.Get(v, id); there {
			v.NeedPayout(&mpesa.Payment{Header: mpesa.Header{Kind: mpesa.B2C, Payer: p.Payer, Payee: mpesa.CustomerParty(r.Phone)}})
		}
	}
}

// payBulk pays the next rows of a bulk file, and ends it with the last. A row that can't be paid stops none of the others.
func payBulk(v *mpesa.View, p *mpesa.Payment, now time.Time) {
	file := &p.Details.Bulk
	for range BulkChunk {
		id := BulkRowID{p.ID, file.Done + 1}
		if file.Done == file.Last || !BulkRows.Loaded(v, id) {
			break // somebody else has looked at the file in this unit, and paid what was loaded
		}
		file.Done++
		if r, there := BulkRows.Get(v, id); there { // some lines of a file are no rows
			payRow(v, p, r, now)
		}
	}
	if file.Done == file.Last {
		v.Finish(p, mpesa.Completed, codes.Success, now)
		return
	}
	p.DueAt = now.UnixMilli()
	mpesa.Payments.Put(v, p.ID, *p)
}

// payRow pays a row of a bulk file out of what is held for the file.
func payRow(v *mpesa.View, p *mpesa.Payment, r BulkRow, now time.Time) {
	ledger.Reduce(v, p.ID, r.Amount)
	payment := rowPayment(p, v.NewID(), &r, now)
	result, reason := v.Allowed(p)
	if result == codes.Success {
		result, reason = v.PayOut(&payment, now)
	}
	payment.Details.Settled = result == codes.Success
	v.Conclude(&payment, result, reason, now)
	r.Payment = payment.ID
	BulkRows.Put(v, r.ID, r)
	file := &p.Details.Bulk
	if result == codes.Success {
		file.Paid++
		file.PaidAmount += r.Amount
		p.Details.Charge += payment.Details.Charge
	} else {
		file.Failed++
	}
}

// rowPayment is the payment of a row of a bulk file.
func rowPayment(p *mpesa.Payment, id int64, r *BulkRow, now time.Time) mpesa.Payment {
	return mpesa.Payment{Header: mpesa.Header{ID: id, Kind: mpesa.B2C, Payer: p.Payer, Payee: mpesa.CustomerParty(r.Phone), Business: p.Business, Amount: r.Amount, AcceptedAt: now.UnixMilli()}, Details: mpesa.Details{TransactionType: p.Details.TransactionType, Description: r.Remarks, Initiator: p.Details.Initiator, Original: p.ID}}
}

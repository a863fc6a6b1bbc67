// Package outcome says in words what came of a payment: by its state first, and only then by its kind. The console's screens and the
// command line have their sentences from here.
package outcome

import (
	"fmt"
	"strings"

	"github.com/kivuko/kivuko/control"
)

// The tones: how an outcome looks.
const (
	Good = "good" // it has been done
	Wait = "wait" // nothing is decided yet
	Bad  = "bad"  // nothing has moved
)

// Outcome is what came of a payment.
type Outcome struct {
	Tone   string // Good, Wait or Bad
	Title  string // in a word or two
	Text   string // in a sentence, with the receipt of what has been done
	Reason string // why nothing moved, for people; ""
	Line   string // what follows the payment's name in a list: "completed, receipt NLJ7RT61SV"
}

// state is what is said of all payments in a state, unless their kind says it otherwise.
type state struct {
	tone, title string
	line        string // of what waits, what it waits for
	text        string // with %s for the amount; "" is the amount with line
}

// states are the states of payments, by their names. What is completed or failed is worded by the kind.
var states = map[string]state{
	"prompting":  {tone: Wait, title: "One moment", line: "waits for an answer on the phone"},
	"queued":     {tone: Wait, title: "One moment", line: "waits for its turn"},
	"validating": {tone: Wait, title: "One moment", line: "waits for the business's answer", text: "The business is asked whether it takes %s."},
	"approving":  {tone: Wait, title: "One moment", line: "waits for an approval", text: "%s is reserved until another operator approves it."},
	"completed":  {tone: Good, title: "Done", line: "completed"},
	"failed":     {tone: Bad, title: "Not done", line: "failed"},
}

// kind is what is said of payments of a kind.
type kind struct {
	done, not string           // of what is completed, and of what failed; with %s for the amount, if they name it
	states    map[string]state // in which they are more than the state says
}

// kinds are the kinds of payments, by their names.
var kinds = map[string]kind{
	"stkpush":    {done: "%s sent.", not: "%s was not paid."},
	"deposit":    {done: "%s paid in.", not: "%s was not paid in."},
	"withdrawal": {done: "%s withdrawn.", not: "%s was not withdrawn."},
	"c2b":        {done: "%s sent.", not: "%s was not paid."},
	"b2c":        {done: "%s sent.", not: "%s was not sent."},
	"b2pochi":    {done: "%s sent.", not: "%s was not sent."},
	"b2b":        {done: "%s sent.", not: "%s was not sent."},
	"tax":        {done: "%s of tax paid.", not: "%s of tax was not paid."},
	"reversal":   {done: "%s given back.", not: "%s was not given back."},
	"status":     {done: "The payment's status was given.", not: "The payment's status was not given."},
	"balance":    {done: "The balance was given.", not: "The balance was not given."},
	"send":       {done: "%s sent.", not: "%s was not sent."},
	"move":       {done: "%s moved.", not: "%s was not moved."},
	"settlement": {done: "%s settled.", not: "%s was not settled."},
	"b2bexpress": {done: "%s sent.", not: "%s was not paid."},
	// The customer's part is done when the order is agreed to; it then waits for its days.
	"ratiba": {done: "Your standing order of %s has come to its end.", not: "Your standing order of %s was not created.",
		states: map[string]state{"queued": {Good, "Done", "waits for its next day", "Your standing order of %s has been created."}}},
	"bulk": {done: "The file of %s was gone through.", not: "The file of %s was not paid.",
		states: map[string]state{"queued": {Wait, "One moment", "is being paid", ""}}},
}

// titles are of what failed with a result that says more than "Not done".
var titles = map[string]string{
	"1019": "Expired",
	"1032": "Cancelled",
}

// Of says what came of a payment.
func Of(p *control.Payment) Outcome {
	s, of := states[string(p.State)], kinds[wordedAs(p)]
	if special, ok := of.states[string(p.State)]; ok {
		s = special
	}
	amount := "Ksh" + p.Amount.Grouped()
	o := Outcome{Tone: s.tone, Title: s.title, Line: s.line}
	switch {
	case p.State == control.Completed:
		o.Text = with(of.done, amount)
	case p.State == control.Failed:
		o.Text, o.Reason, o.Line = with(of.not, amount)+" "+p.ResultDesc, p.Reason, s.line+because(p)
		if title, ok := titles[p.Result]; ok {
			o.Title = title
		}
	case s.text != "":
		o.Text = with(s.text, amount)
	default:
		o.Text = amount + " " + s.line + "."
	}
	if o.Tone == Good && p.Receipt != "" {
		o.Text += " Receipt " + p.Receipt + "."
	}
	if p.State == control.Completed && p.Receipt != "" {
		o.Line += ", receipt " + p.Receipt
	}
	return o
}

// wordedAs is the kind whose words a payment has: what customers send to themselves is moved between wallets.
func wordedAs(p *control.Payment) string {
	if p.Kind == control.KindSend && p.Payer == p.Payee {
		return "move"
	}
	return string(p.Kind)
}

// with puts the amount where a text has a place for it.
func with(text, amount string) string { return strings.ReplaceAll(text, "%s", amount) }

// because is with which result a payment failed, and why.
func because(p *control.Payment) string {
	text := " with " + p.Result + " " + p.ResultDesc
	if p.Reason != "" {
		text += " (" + p.Reason + ")"
	}
	return text
}

// OfTask says how something stands that was initiated on the organisation portal.
func OfTask(t *control.Task) Outcome {
	s := states[string(t.State)]
	o := Outcome{Tone: s.tone, Title: s.title, Line: s.line}
	switch {
	case t.State == control.Approving:
		o.Line = "waits for " + Approvals(t.Missing)
		o.Text = "It waits for another operator's approval."
	case t.State == control.Completed:
		o.Text = "It has been carried out."
	case t.State == control.Failed:
		o.Reason, o.Line = t.Reason, "failed"
		o.Text = "It could not be carried out."
		switch t.Result {
		case "1032":
			o.Title, o.Line, o.Text = "Rejected", "rejected", "It was rejected."
		case "1019":
			o.Title, o.Line, o.Text = "Expired", "expired", "Nobody has approved it in time."
		}
	case t.Task == "bulk":
		o.Line, o.Text = "being paid", "It is being paid."
	default:
		o.Text = "It waits for its turn."
	}
	return o
}

// OfBulk says how a bulk file stands. One that was gone through may still have paid nobody.
func OfBulk(b *control.Bulk) Outcome {
	s := states[string(b.State)]
	o := Outcome{Tone: s.tone, Title: s.title, Reason: b.Reason}
	switch {
	case b.State == control.Approving:
		o.Line = "waits for approval"
	case o.Tone == Wait:
		o.Line = "being paid"
	case o.Tone == Bad, b.Paid == 0:
		o.Tone, o.Title, o.Line = Bad, "Not done", "not paid"
	case b.Failed > 0:
		o.Tone, o.Title, o.Line = Wait, "Done in part", "paid, some failed"
	default:
		o.Line = "paid"
	}
	return o
}

// Approvals names a number of them, from 1.
func Approvals(n int) string {
	if n == 1 {
		return "an approval"
	}
	return fmt.Sprintf("%d approvals", n)
}

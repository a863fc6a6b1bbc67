package outcome_test

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/outcome"
	"github.com/kivuko/kivuko/internal/portal"
)

// named lists the names of a catalogue of the rules, whose values count up.
func named[T interface {
	~int64
	String() string
}](first T) (list []string) {
	for x := first; x.String() != ""; x++ {
		list = append(list, x.String())
	}
	return list
}

// tones are the tones of the rules' states: what has not been done may never look as if it had.
var tones = map[string]string{"prompting": outcome.Wait, "queued": outcome.Wait, "validating": outcome.Wait, "approving": outcome.Wait,
	"completed": outcome.Good, "failed": outcome.Bad}

// waits are what a payment in a state waits for: nobody may read that they have to answer what somebody else approves.
var waits = map[string]string{"prompting": "waits for an answer on the phone", "queued": "waits for its turn", "validating": "waits for the business's answer",
	"approving": "waits for an approval"}

const receipt = "NLJ7RT61SV"

// payment is a payment of a kind in a state, as the control API shows it.
func payment(kind control.Kind, state control.State) *control.Payment {
	p := &control.Payment{ID: 7, Kind: kind, State: state, Payer: "254708374149", Payee: "174379", Amount: 240_000 * control.Shillings(1)}
	switch state {
	case "completed":
		p.Result, p.Receipt = "0", receipt
	case "failed":
		p.Result, p.ResultDesc, p.Reason = "2001", "The initiator information is invalid.", "wrong PIN, number 1 in a row"
	case "validating":
		p.Receipt = receipt // which says nothing yet
	}
	return p
}

func TestEveryKindIsWordedInEveryState(t *testing.T) {
	for _, kind := range named(mpesa.Kind(1)) {
		said := map[string]string{}
		for _, state := range named(mpesa.State(0)) {
			want, known := tones[state]
			if !known {
				t.Fatalf("the state %s has no tone", state)
			}
			if kind == "ratiba" && state == "queued" {
				want = outcome.Good // the customer has agreed to it
			}
			o := outcome.Of(payment(control.Kind(kind), control.State(state)))
			if o.Tone != want || (o.Title == "Done") != (want == outcome.Good) {
				t.Errorf("%s, %s: the tone is %q and the title %q; want %q", kind, state, o.Tone, o.Title, want)
			}
			if o.Title == "" || o.Line == "" || len(o.Text) < len("Ksh1 sent.") || strings.Contains(o.Text, "%") || !strings.HasSuffix(o.Text, ".") {
				t.Errorf("%s, %s has no words: %+v", kind, state, o)
			}
			if strings.Contains(o.Text+o.Line, receipt) != (state == "completed") {
				t.Errorf("%s, %s: the receipt is said when the money moved, and not before: %q, %q", kind, state, o.Text, o.Line)
			}
			if failed := state == "failed"; failed != (o.Reason != "") || failed != strings.Contains(o.Line, "failed with 2001 The initiator information is invalid. (wrong PIN") ||
				failed != strings.Contains(o.Text, " not ") || failed != strings.Contains(o.Text, "The initiator information is invalid.") {
				t.Errorf("%s, %s: %+v", kind, state, o)
			}
			if wait := waits[state]; want == outcome.Wait && kind != "bulk" && !strings.Contains(o.Line, wait) {
				t.Errorf("%s, %s: it %s; want that it waits for %q", kind, state, o.Line, wait)
			}
			if other, same := said[o.Text]; same {
				t.Errorf("%s says %q when it is %s and when it is %s", kind, o.Text, other, state)
			}
			said[o.Text] = state
		}
	}
}

func TestNoReceiptIsNoReceipt(t *testing.T) {
	for _, kind := range named(mpesa.Kind(1)) {
		p := payment(control.Kind(kind), "completed")
		p.Receipt = ""
		if o := outcome.Of(p); strings.Contains(strings.ToLower(o.Text+o.Line), "receipt") {
			t.Errorf("%s: %q, %q", kind, o.Text, o.Line)
		}
	}
}

func TestWhatACustomerReadsOnThePhone(t *testing.T) {
	for _, x := range []struct {
		kind, state, result, tone, title, text string
	}{
		{"withdrawal", "failed", "1", "bad", "Not done", "Ksh240,000.00 was not withdrawn. The balance is insufficient for the transaction."},
		{"withdrawal", "completed", "0", "good", "Done", "Ksh240,000.00 withdrawn. Receipt NLJ7RT61SV."},
		{"stkpush", "failed", "1032", "bad", "Cancelled", "Ksh240,000.00 was not paid. The balance is insufficient for the transaction."},
		{"c2b", "validating", "", "wait", "One moment", "The business is asked whether it takes Ksh240,000.00."},
		{"b2bexpress", "queued", "", "wait", "One moment", "Ksh240,000.00 waits for its turn."},
		{"ratiba", "queued", "", "good", "Done", "Your standing order of Ksh240,000.00 has been created."},
		{"ratiba", "failed", "1", "bad", "Not done", "Your standing order of Ksh240,000.00 was not created. The balance is insufficient for the transaction."},
		{"withdrawal", "approving", "", "wait", "One moment", "Ksh240,000.00 is reserved until another operator approves it."},
	} {
		p := payment(control.Kind(x.kind), control.State(x.state))
		p.Result, p.ResultDesc = x.result, "The balance is insufficient for the transaction."
		if o := outcome.Of(p); o.Tone != x.tone || o.Title != x.title || o.Text != x.text {
			t.Errorf("%s, %s: %+v", x.kind, x.state, o)
		}
	}
	moved := payment("send", "completed")
	moved.Payee = moved.Payer
	if o := outcome.Of(moved); o.Text != "Ksh240,000.00 moved. Receipt NLJ7RT61SV." {
		t.Errorf("between one's own wallets: %q", o.Text)
	}
}

func TestEveryTaskIsWordedInEveryState(t *testing.T) {
	var tasks []string
	for _, k := range portal.TaskKinds() {
		tasks = append(tasks, k.Name)
	}
	for _, task := range append(tasks, "bulk") {
		for _, state := range named(mpesa.State(0)) {
			x := &control.Task{Task: task, State: control.State(state), Missing: 2}
			if state == "failed" {
				x.Result, x.Reason = "1", "the balance is too small"
			}
			o := outcome.OfTask(x)
			if o.Tone != tones[state] || o.Line == "" || !strings.HasSuffix(o.Text, ".") || (o.Reason != "") != (state == "failed") {
				t.Errorf("%s, %s: %+v", task, state, o)
			}
		}
	}
	for result, want := range map[string]string{"1032": "rejected", "1019": "expired", "1": "failed", "17": "failed"} {
		if o := outcome.OfTask(&control.Task{State: "failed", Result: result}); o.Tone != outcome.Bad || o.Line != want {
			t.Errorf("with %s: %+v", result, o)
		}
	}
	if o := outcome.OfTask(&control.Task{State: "approving", Missing: 2}); o.Line != "waits for 2 approvals" {
		t.Errorf("it %s", o.Line)
	}
}

func TestABulkFileIsWordedInEveryState(t *testing.T) {
	for _, state := range named(mpesa.State(0)) {
		for _, x := range []struct {
			paid, failed int64
			tone, line   string // of what has been gone through
		}{{0, 0, outcome.Bad, "not paid"}, {0, 3, outcome.Bad, "not paid"}, {3, 0, outcome.Good, "paid"}, {2, 1, outcome.Wait, "paid, some failed"}} {
			want, o := tones[state], outcome.OfBulk(&control.Bulk{State: control.State(state), Paid: x.paid, Failed: x.failed})
			if state == "completed" {
				want = x.tone
				if o.Line != x.line {
					t.Errorf("%+v is %q", x, o.Line)
				}
			}
			if o.Tone != want || o.Line == "" || o.Title == "" || o.Line == "paid" && o.Tone != outcome.Good {
				t.Errorf("%s, %+v: %+v", state, x, o)
			}
		}
	}
}

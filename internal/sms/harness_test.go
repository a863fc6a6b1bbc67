package sms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/mpesa/mpesatest"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/sms"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/testworld"
)

// The people and businesses of the tests.
const (
	john = msisdn.Number(254_708_374_149) // John Doe, with KES 100,000
	nick = msisdn.Number(254_705_912_645) // Nicholas Songok, with KES 100,000

	bill  = mpesa.Shortcode(600_000) // Sandbox Organisation 600000, with KES 1,000,000 in Working and in Utility
	other = mpesa.Shortcode(600_001)
	till  = mpesa.Shortcode(765_432)
)

// bench is a core on which things happen one after the other, and the phones that hear of them.
type bench struct {
	*testworld.Core
	Inbox sms.Inbox
}

func newBench(t testing.TB) *bench {
	t.Helper()
	core := testworld.NewCore(t, testworld.CoreOptions{Policy: func(p *mpesa.Policy) { p.QueueTime = time.Minute }})
	b := &bench{core, sms.Inbox{Store: core.Store, Mint: core.Mint, Owned: core.Engine.Directory().Owned}}
	b.Run(t)
	return b
}

// inbox is the texts on a phone, newest first, with R in place of each receipt.
func (b *bench) inbox(t testing.TB, phone msisdn.Number) []string {
	t.Helper()
	list, err := b.Inbox.Messages(t.Context(), phone, 100)
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]string, len(list))
	for i, m := range list {
		p, err := store.Get(t.Context(), b.Store, mpesa.Payments, m.Payment)
		if err != nil || p == nil || !m.At.Equal(time.UnixMilli(p.FinishedAt)) {
			t.Errorf("%q came at %s about payment %d: %+v, %v", m.Text, m.At, m.Payment, p, err)
			continue
		}
		receipt := b.Mint.Receipt(p.ID, time.UnixMilli(p.ReceiptAt()))
		texts[i] = strings.Replace(m.Text, receipt, "R", 1)
		if p.Details.Original != 0 {
			original, err := store.Get(t.Context(), b.Store, mpesa.Payments, p.Details.Original)
			if err != nil || original == nil {
				t.Fatal(err)
			}
			texts[i] = strings.Replace(texts[i], b.Mint.Receipt(original.ID, time.UnixMilli(original.ReceiptAt())), "O", 1)
		}
	}
	return texts
}

// push has a business ask a phone for money, which answers with the PIN, or with cancel.
func (b *bench) push(t testing.TB, phone msisdn.Number, business mpesa.Shortcode, amount int64, pin string) mpesa.Payment {
	t.Helper()
	push := &mpesa.AcceptPush{Business: business, Receiver: business, Phone: phone, PartyA: phone, Type: mpesa.CustomerPayBillOnline,
		Amount: money.Shillings(amount), CallBackURL: "http://merchant.test/", Reference: "INV-7"}
	if business == till {
		push.Business, push.Type = 654_321, mpesa.CustomerBuyGoodsOnline
	}
	b.Do(t, push)
	answer := &mpesa.AnswerPrompt{Phone: phone, PIN: testworld.Digest(phone, pin)}
	if pin == "cancel" {
		answer.Entered = mpesa.PressedCancel
	}
	b.Do(t, answer)
	if push.Refused != nil || !answer.Open {
		t.Fatalf("the push got %v; a prompt was open: %v", push.Refused, answer.Open)
	}
	return mpesatest.PaymentOf(answer.Subject)
}

// pay has a customer pay a business from the phone.
func (b *bench) pay(t testing.TB, phone msisdn.Number, business mpesa.Shortcode, amount int64, reference string) mpesa.Payment {
	t.Helper()
	pay := &mpesa.PayBusiness{Phone: phone, Business: business, Type: mpesa.CustomerPayBillOnline, Amount: money.Shillings(amount), Reference: reference}
	if business == till {
		pay.Type = mpesa.CustomerBuyGoodsOnline
	}
	b.Do(t, pay)
	return pay.Payment
}

// request has an organisation's initiator ask for something, which is processed at once.
func (b *bench) request(t testing.TB, kind mpesa.Kind, command string, from mpesa.Shortcode, to mpesa.Party, amount int64, changes ...func(*mpesa.Payment)) mpesa.Payment {
	t.Helper()
	p := mpesa.Payment{Header: mpesa.Header{Kind: kind, Payer: from.Party(), Payee: to, Business: from, Amount: money.Shillings(amount)},
		Details: mpesa.Details{TransactionType: command, Initiator: "testapi", CallBackURL: "http://merchant.test/", TimeoutURL: "http://merchant.test/"}}
	for _, change := range changes {
		change(&p)
	}
	accept := &mpesa.AcceptRequest{Request: p}
	b.Do(t, accept)
	if accept.Refused != nil {
		t.Fatal(accept.Refused)
	}
	b.Do(t, &portal.FallDue{Due: mpesa.Due{Payment: accept.Payment.ID, Payer: p.Payer}})
	return b.Payment(t, func(p mpesa.Payment) bool { return p.ID == accept.Payment.ID && p.State.Final() })
}

// reverse has an organisation take a payment back.
func (b *bench) reverse(t testing.TB, original mpesa.Payment) mpesa.Payment {
	t.Helper()
	by, _ := original.Payee.Shortcode()
	return b.request(t, mpesa.Reversal, mpesa.TransactionReversal, by, 0, 0, func(p *mpesa.Payment) {
		p.Amount, p.Details.Original = original.Amount, original.ID
	})
}

// organisation changes an organisation.
func (b *bench) organisation(t testing.TB, s mpesa.Shortcode, change func(*mpesa.Organisation)) {
	t.Helper()
	b.Do(t, &portal.ChangeOrganisation{Shortcode: s, Change: func(o *mpesa.Organisation, _ bool) error {
		change(o)
		return nil
	}})
}

// customer changes a customer's standing.
func (b *bench) customer(t testing.TB, phone msisdn.Number, standing mpesa.Standing) {
	t.Helper()
	b.Do(t, &mpesa.PutPhone{Phone: phone, Standing: &standing})
}

package kivuko_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/kivukotest"
)

// The parties of the money that moves while COMMITs are lost.
const (
	shop     = "600000"
	vendor   = "600001"
	customer = "254708374149"
	friend   = "254712345678"
)

// lossy is a Kivuko whose database loses COMMITs.
type lossy struct {
	*testing.T
	relay *pgtest.Relay
	api   *control.Client
	m     *daraja.Client

	next int64 // an amount that no payment has had: of two equal ones to a customer within 2 minutes the second is refused
}

// moving is a way to move money. It asks for a new payment of the kind each time that it is called.
type moving struct {
	kind   mpesa.Kind
	before func(l *lossy) (about string)      // makes what the request is about
	ask    func(l *lossy, about string) error // is sent again when Kivuko says that nothing was kept
}

func amount(l *lossy) control.Amount { return control.Amount(l.next * 100) }

// done gives what a call says besides its answer.
func done[T any](_ *T, err error) error { return err }

// ways are all ways to move money that the test knows, by name.
func ways() map[string]moving {
	result := "http://127.0.0.1:1/" // nobody is there
	text := func(l *lossy) string { return strconv.FormatInt(l.next, 10) }
	b2c := func(command string) daraja.B2CRequest {
		return daraja.B2CRequest{CommandID: command, PartyA: shop, PartyB: customer, Remarks: "lost", QueueTimeOutURL: result, ResultURL: result}
	}
	b2b := func(command, to string) daraja.B2BRequest {
		return daraja.B2BRequest{CommandID: command, SenderIdentifierType: daraja.IdentifierShortcode, ReceiverIdentifierType: daraja.IdentifierShortcode,
			PartyA: shop, PartyB: to, AccountReference: "lost", Remarks: "lost", QueueTimeOutURL: result, ResultURL: result}
	}
	pay := func(l *lossy) string {
		p, err := l.api.Pay(l.Context(), customer, control.Pay{Shortcode: shop, Account: "A", Amount: amount(l)})
		if err != nil || p.State != "completed" {
			l.Fatal(p, err)
		}
		return p.Receipt
	}
	return map[string]moving{
		"M-Pesa Express": {kind: mpesa.Express, ask: func(l *lossy, _ string) error {
			r := push(result)
			r.Amount = text(l)
			return done(l.m.STKPush(l.Context(), r))
		}},
		"an answered prompt": {kind: mpesa.Express, before: func(l *lossy) string {
			l.answers("ask")
			r := push(result)
			r.Amount = text(l)
			if _, err := l.m.STKPush(l.Context(), r); err != nil {
				l.Fatal(err)
			}
			return ""
		}, ask: func(l *lossy, _ string) error { return done(l.api.Answer(l.Context(), friend, "1234")) }},
		"cash in": {kind: mpesa.Deposit, ask: func(l *lossy, _ string) error { return done(l.api.DepositCash(l.Context(), customer, amount(l))) }},
		"a bank's": {kind: mpesa.Deposit, ask: func(l *lossy, _ string) error {
			return done(l.api.DepositFromBank(l.Context(), shop, control.BankDeposit{Amount: amount(l)}))
		}},
		"cash out": {kind: mpesa.Withdrawal, ask: func(l *lossy, _ string) error {
			return done(l.api.WithdrawCash(l.Context(), customer, control.Cash{Amount: amount(l)}))
		}},
		"to a bank": {kind: mpesa.Withdrawal, before: func(l *lossy) string { // which charges that are still due stand in the way of
			if p, err := l.api.Settle(l.Context(), shop); err != nil || p.State != "completed" {
				l.Fatal(p, err)
			}
			return ""
		}, ask: func(l *lossy, _ string) error { return done(l.api.WithdrawToBank(l.Context(), shop, amount(l))) }},
		"from a phone": {kind: mpesa.C2B, ask: func(l *lossy, _ string) error {
			return done(l.api.Pay(l.Context(), customer, control.Pay{Shortcode: shop, Account: "A", Amount: amount(l)}))
		}},
		"simulated": {kind: mpesa.C2B, ask: func(l *lossy, _ string) error {
			return done(l.m.SimulateC2B(l.Context(), daraja.C2BSimulateRequest{ShortCode: shop, CommandID: daraja.CustomerPayBillOnline, Amount: text(l), Msisdn: customer, BillRefNumber: "A"}))
		}},
		"B2C": {kind: mpesa.B2C, ask: func(l *lossy, _ string) error {
			r := b2c(daraja.BusinessPayment)
			r.Amount, r.OriginatorConversationID = text(l), fmt.Sprint("lost ", l.next)
			return done(l.m.B2C(l.Context(), r))
		}},
		"B2Pochi": {kind: mpesa.B2Pochi, ask: func(l *lossy, _ string) error {
			r := b2c(daraja.BusinessPayToPochi)
			r.Amount, r.OriginatorConversationID = text(l), fmt.Sprint("lost ", l.next)
			return done(l.m.B2Pochi(l.Context(), r))
		}},
		"B2B": {kind: mpesa.B2B, ask: func(l *lossy, _ string) error {
			r := b2b(mpesa.BusinessPayBill, vendor)
			r.Amount = text(l)
			return done(l.m.B2B(l.Context(), r))
		}},
		"tax": {kind: mpesa.Tax, ask: func(l *lossy, _ string) error {
			r := b2b(mpesa.PayTaxToKRA, daraja.KRA)
			r.Amount = text(l)
			return done(l.m.RemitTax(l.Context(), r))
		}},
		"a reversal": {kind: mpesa.Reversal, before: pay, ask: func(l *lossy, receipt string) error {
			return done(l.m.Reverse(l.Context(), daraja.ReversalRequest{CommandID: mpesa.TransactionReversal, TransactionID: receipt, Amount: text(l), ReceiverParty: shop,
				ReceiverIdentifierType: daraja.IdentifierReversal, Remarks: "lost", QueueTimeOutURL: result, ResultURL: result}))
		}},
		"to a friend": {kind: mpesa.SendMoney, ask: func(l *lossy, _ string) error {
			return done(l.api.Send(l.Context(), customer, control.Send{To: friend, Amount: amount(l)}))
		}},
		"between own accounts": {kind: mpesa.OwnMove, ask: func(l *lossy, _ string) error {
			return done(l.api.Move(l.Context(), shop, control.Move{From: "working", To: "utility", Amount: amount(l)}))
		}},
		"an approved task": {kind: mpesa.OwnMove, before: func(l *lossy) string {
			task, err := l.api.As("clerk").Initiate(l.Context(), shop, control.NewTask{Task: "move", From: "working", To: "utility", Amount: text(l), Remarks: "lost"})
			if err != nil {
				l.Fatal(err)
			}
			return strconv.FormatInt(task.ID, 10)
		}, ask: func(l *lossy, id string) error {
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				l.Fatal(err)
			}
			return done(l.api.As("manager").Approve(l.Context(), shop, n))
		}},
		"revenue": {kind: mpesa.RevenueSettled, before: func(l *lossy) string { pay(l); return "" }, ask: func(l *lossy, _ string) error { return done(l.api.Settle(l.Context(), shop)) }},
		"a checkout of a business": {kind: mpesa.B2BExpress, ask: func(l *lossy, _ string) error {
			return done(l.m.B2BExpress(l.Context(), daraja.B2BExpressRequest{PrimaryShortCode: shop, ReceiverShortCode: vendor, Amount: text(l), PaymentRef: "lost",
				CallbackURL: result, PartnerName: "Vendor", RequestRefID: fmt.Sprint("lost ", l.next)}))
		}},
	}
}

// A kind of payment that moves money has to be here: what its callers are told of a lost COMMIT is seen, not concluded.
func TestEveryKindThatMovesMoneyLosesItsCommits(t *testing.T) {
	known := map[mpesa.Kind]bool{}
	for _, w := range ways() {
		known[w.kind] = true
	}
	for kind := mpesa.Kind(1); kind.String() != ""; kind++ {
		if kind.MovesMoney() != known[kind] {
			t.Errorf("%v moves money: %v; loses its COMMITs in the tests: %v", kind, kind.MovesMoney(), known[kind])
		}
	}
}

// Whatever becomes of a COMMIT, callers are told what is so, and the money moves once (docs/outcomes.md).
func TestLostCommits(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	l := &lossy{relay: server.Relay(t), next: 100}
	k := kivukotest.Start(t, kivuko.Config{Listen: "127.0.0.1:0", DB: l.relay.URL(server.Database(t))})
	l.T, l.api = t, k.Control()
	l.open(k.URL())
	for name, w := range ways() {
		t.Run(name, func(t *testing.T) {
			for how, lose := range map[string]struct {
				set  func() // what is lost from now on
				busy bool   // callers are told that nothing was kept
			}{
				"the replies":                    {set: func() { l.relay.LoseCommits(1000) }},
				"a COMMIT":                       {set: func() { l.relay.DropCommits(1) }},
				"a COMMIT and that of its retry": {set: func() { l.relay.DropCommits(2) }, busy: true},
			} {
				t.Run(how, func(t *testing.T) {
					l := *l
					l.T = t
					l.moves(w, lose.set, lose.busy)
				})
				l.next++
			}
		})
	}
}

// open gives the client what it needs.
func (l *lossy) open(url string) {
	certificate, err := l.api.Certificate(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	l.m = daraja.New(url, "kivuko-key", "kivuko-secret", daraja.WithPasskey(passkey), daraja.WithInitiator("testapi", "Safaricom999!*!", certificate))
	if _, err := l.m.Token(l.Context()); err != nil { // now, and not while COMMITs are lost
		l.Fatal(err)
	}
	owner := friend
	if _, _, err := l.api.PutOrganisation(l.Context(), shop, control.OrganisationChange{Owner: &owner}); err != nil {
		l.Fatal(err)
	}
}

// answers says what the friend's phone does about a prompt.
func (l *lossy) answers(how control.Answers) {
	if _, _, err := l.api.PutPhone(l.Context(), friend, control.PhoneChange{Answers: &how}); err != nil {
		l.Fatal(err)
	}
}

// moves has money moved once while COMMITs are lost.
func (l *lossy) moves(w moving, lose func(), busy bool) {
	l.answers("approve")
	if _, err := l.api.DepositFromBank(l.Context(), shop, control.BankDeposit{Amount: 1000_00, Account: "utility"}); err != nil { // which a settlement empties
		l.Fatal(err)
	}
	about := ""
	had := l.latest()
	if w.before != nil {
		about = w.before(l)
	}
	lose()
	err := w.ask(l, about)
	if busy {
		if !saysBusy(err) {
			l.Errorf("nothing was kept, and it is answered with %v", err)
		}
		if made := l.ended(w.kind, had, 0); len(made) > 0 {
			l.Errorf("nothing was kept, and there is %+v", made)
		}
		err = w.ask(l, about) // as it says
	}
	if err != nil {
		l.Errorf("the money moves, and it is answered with %v", err)
	}
	made := l.ended(w.kind, had, 1)
	l.relay.LoseCommits(0)
	l.relay.DropCommits(0)
	select {
	case <-l.relay.Lost():
	default:
		l.Error("nothing was lost")
	}
	for len(l.relay.Lost()) > 0 {
		<-l.relay.Lost()
	}
	if len(made) != 1 || made[0].State != "completed" || len(made[0].Transfers) == 0 {
		l.Errorf("%d payments were made: %+v", len(made), made)
	}
	if books, err := l.api.Books(l.Context()); err != nil || !books.Balanced() {
		l.Errorf("%+v, %v", books, err)
	}
}

// saysBusy reports whether a caller is told that nothing was kept and to try again.
func saysBusy(err error) bool {
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return p.Status == 503
	}
	e, ok := errors.AsType[*daraja.Error](err)
	return ok && e.Code == "500.003.02"
}

// latest is the number of the latest payment.
func (l *lossy) latest() int64 {
	l.Helper()
	page, err := l.api.Payments(l.Context(), control.PaymentFilter{Limit: 1, Brief: true})
	if err != nil || len(page.Items) == 0 {
		l.Fatal(page, err)
	}
	return page.Items[0].ID
}

// ended gives the payments of a kind after another one that have ended: as soon as there are n of them, or after five seconds.
func (l *lossy) ended(kind mpesa.Kind, after int64, n int) (list []control.Payment) {
	l.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(5 * time.Second); ; <-tick.C {
		page, err := l.api.Payments(l.Context(), control.PaymentFilter{Limit: 20})
		if err != nil {
			l.Fatal(err)
		}
		list = list[:0]
		for _, p := range page.Items {
			if p.ID > after && string(p.Kind) == kind.String() && (p.State == "completed" || p.State == "failed") {
				list = append(list, p)
			}
		}
		if len(list) >= n || time.Now().After(deadline) {
			return list
		}
	}
}

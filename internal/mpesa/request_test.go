package mpesa_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

func TestAcceptedRequestWaitsForItsTurnAndMovesNothing(t *testing.T) {
	b := newOffice(t)
	before, transfers, _ := b.snapshot()
	want := asking(mpesa.SalaryPayment, originator("october-7"))
	p := b.accept(want)
	at := b.now.UnixMilli()
	want.ID, want.State, want.AcceptedAt, want.DueAt = p.ID, mpesa.Queued, at, at+50
	if !reflect.DeepEqual(p, want) || !reflect.DeepEqual(b.payments[p.ID], want) {
		t.Errorf("accepted %+v, stored %+v; want %+v", p, b.payments[p.ID], want)
	}
	if after, n, _ := b.snapshot(); !reflect.DeepEqual(before, after) || n != transfers || len(b.deliveries) != 0 {
		t.Errorf("accepting changed accounts, made %d transfers or owes something: %v", n-transfers, b.deliveries)
	}
	b.advance(49 * time.Millisecond)
	b.run(falls(p))
	if p := b.payments[p.ID]; p.State != mpesa.Queued {
		t.Errorf("before its turn it is %s", p.State)
	}
	b.wantOutcome(b.due(p), codes.Success)
}

func TestRequestIsProcessedOnce(t *testing.T) {
	b := newOffice(t)
	p := b.accept(asking(mpesa.SalaryPayment))
	b.advance(time.Second)
	look := falls(p)
	b.run(look, look, look)
	p = b.payments[p.ID]
	b.wantOutcome(p, codes.Success)
	b.advance(time.Hour)
	b.run(look)
	if !reflect.DeepEqual(b.payments[p.ID], p) || len(b.legs(p)) != 1 {
		t.Errorf("looked at once more it became %+v, with %d transfers", b.payments[p.ID], len(b.legs(p)))
	}
	b.run(&portal.FallDue{Due: mpesa.Due{Payment: 7, Payer: p.Payer}}) // nobody's
}

func TestRequestOfNobodysShortcodeIsQueuedAndFindsNoOperator(t *testing.T) {
	b := newOffice(t)
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, initiator(nobody))), codes.InvalidInitiator)
	b.hire(nobody, testapi, mpesa.AllRoles()...) // whose organisation is gone
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, initiator(nobody))), codes.OperatorNotFound)
}

func TestOperatorsAreTheirOrganisationsOwn(t *testing.T) {
	b := newOffice(t)
	b.hire(bouquet, "amina", mpesa.AllRoles()...)
	amina := func(p *mpesa.Payment) { p.Details.Initiator = "amina" }
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, amina)), codes.InvalidInitiator)
	b.done(asking(mpesa.SalaryPayment, amina, initiator(bouquet)))
}

// The roles that the documents name for each API (BusinessToPochi, various API roles; wire.md §7.5).
var rolesNeeded = map[string]mpesa.Role{
	"SalaryPayment": "ORG B2C API initiator", "BusinessPayment": "ORG B2C API initiator", "PromotionPayment": "ORG B2C API initiator",
	"BusinessPayToPochi": "ORG B2C API initiator",
	"BusinessPayBill":    "Business Paybill Org API initiator", "BusinessBuyGoods": "Business Buy Goods Org API initiator",
	"BusinessPayToBulk": "Org Business Pay to Bulk API initiator", "PayTaxToKRA": "Tax Remittance to KRA API",
	"DisburseFundsToBusiness": "ORG B2C API initiator", "BusinessToBusinessTransfer": "ORG B2C API initiator",
	"MerchantToMerchantTransfer": "ORG B2C API initiator", "MerchantServicesMMFAccountTransfer": "ORG B2C API initiator",
	"AgencyFloatAdvance": "ORG B2C API initiator", "MerchantTransferFromMerchantToWorking": "ORG B2C API initiator",
	"BusinessTransferFromMMFToUtility": "ORG B2C API initiator", "BusinessTransferFromUtilityToMMF": "ORG B2C API initiator",
	"TransactionReversal": "Org Reversals Initiator", "TransactionStatusQuery": "Transaction Status query ORG API", "AccountBalance": "Balance Query ORG API",
}

// askFor asks for something that succeeds when nothing is wrong with the initiator.
func askFor(b *bench, command string) mpesa.Payment {
	p := asking(command)
	switch {
	case command == "BusinessBuyGoods":
		payee(till)(&p)
	case p.Kind == mpesa.Reversal, p.Kind == mpesa.StatusQuery:
		about(b.pay(amount(10)))(&p)
	}
	return b.process(p)
}

func TestEachCommandNeedsItsRoleAndNoOther(t *testing.T) {
	operations := mpesa.Operations()
	if len(operations) != len(rolesNeeded) {
		t.Errorf("there are %d operations; %d are tested", len(operations), len(rolesNeeded))
	}
	for _, op := range operations {
		need := rolesNeeded[op.Command]
		for role, want := range map[mpesa.Role]codes.Result{need: codes.Success, "": codes.InitiatorNotAllowed} {
			b := newOffice(t)
			roles := []mpesa.Role{role}
			if role == "" {
				roles = slices.DeleteFunc(mpesa.AllRoles(), func(r mpesa.Role) bool { return r == need })
			}
			b.hire(payBill, testapi, roles...)
			if p := askFor(b, op.Command); p.Result != want {
				t.Errorf("%s by an operator with the roles %q: %s (%s); want %s", op.Command, roles, p.Result, p.Reason, want)
			}
		}
	}
}

func TestFiveWrongCredentialsInARowLockTheOperator(t *testing.T) {
	b := newOffice(t)
	for n := 1; n <= 5; n++ {
		b.wantOutcome(b.process(asking(mpesa.AccountBalance, badCredential)), codes.InvalidInitiator)
		if b.wrong() != n {
			t.Fatalf("after %d wrong credentials %d count", n, b.wrong())
		}
	}
	b.wantOutcome(b.process(asking(mpesa.AccountBalance)), codes.CredentialLocked)
	b.wantOutcome(b.process(asking(mpesa.AccountBalance, badCredential)), codes.CredentialLocked)
	if b.wrong() != 5 {
		t.Errorf("a locked operator has %d wrong credentials", b.wrong())
	}
	b.advance(48 * time.Hour)
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment)), codes.CredentialLocked) // time unlocks nobody
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, initiator(bouquet))), codes.Success)
	b.operator(func(o *mpesa.Operator) { o.Wrong = 0 })
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment)), codes.Success)
}

func TestWrongCredentialsOfOneUnitLockTheOperatorToo(t *testing.T) {
	b := newOffice(t)
	var unit []mpesa.Command
	for range 7 {
		p := b.accept(asking(mpesa.AccountBalance, badCredential))
		unit = append(unit, falls(p))
	}
	b.advance(time.Second)
	b.run(unit...)
	locked := 0
	for _, p := range b.payments {
		if p.Result == codes.CredentialLocked {
			locked++
		}
	}
	if locked != 2 || b.wrong() != 5 {
		t.Errorf("%d of 7 found the operator locked, who has %d wrong credentials", locked, b.wrong())
	}
}

func TestRightCredentialForgetsTheWrongOnes(t *testing.T) {
	b := newOffice(t)
	for range 3 {
		for range 4 {
			b.process(asking(mpesa.AccountBalance, badCredential))
		}
		// It is forgotten before the role is looked at: the password was right.
		roles := mpesa.AllRoles()
		b.operator(func(o *mpesa.Operator) { o.Roles = nil })
		b.wantOutcome(b.process(asking(mpesa.AccountBalance)), codes.InitiatorNotAllowed)
		b.operator(func(o *mpesa.Operator) { o.Roles = roles })
		if b.wrong() != 0 {
			t.Fatalf("%d wrong credentials count", b.wrong())
		}
	}
}

func TestPendingOperatorCountsNoWrongCredentials(t *testing.T) {
	b := newOffice(t)
	b.operator(func(o *mpesa.Operator) { o.Password = "" })
	b.wantOutcome(b.process(asking(mpesa.AccountBalance, badCredential)), codes.InvalidInitiator)
	if b.wrong() != 0 {
		t.Errorf("%d wrong credentials count", b.wrong())
	}
}

func TestRequestThatWaitsAMinuteTimesOutAndItsMoneyStaysWhereItWas(t *testing.T) {
	for _, test := range []struct {
		name   string
		waits  time.Duration
		want   codes.Result
		wanted mpesa.DeliveryKind
	}{
		{"just in time", time.Minute - time.Millisecond, codes.Success, mpesa.Result},
		{"just too late", time.Minute, codes.QueueTimedOut, mpesa.QueueTimeout},
		{"after a night of no service", 12 * time.Hour, codes.QueueTimedOut, mpesa.QueueTimeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newOffice(t)
			p := b.accept(asking(mpesa.SalaryPayment))
			b.advance(test.waits)
			p = b.due(p)
			b.wantOutcome(p, test.want)
			d := b.deliveries[p.DeliveryID(test.wanted)]
			if d.Kind != test.wanted || p.Details.TimedOut != (test.want == codes.QueueTimedOut) {
				t.Errorf("timed out: %v, and owes %+v", p.Details.TimedOut, d)
			}
		})
	}
}

func TestStoppedQueueTimesRequestsOut(t *testing.T) {
	b := newOffice(t)
	b.organisations[payBill].Fault = mpesa.QueueStopped
	p := b.accept(asking(mpesa.SalaryPayment))
	if p.DueAt != b.now.Add(time.Minute).UnixMilli() {
		t.Errorf("it is due after %d ms", p.DueAt-p.AcceptedAt)
	}
	other := b.accept(asking(mpesa.SalaryPayment, initiator(bouquet)))
	b.wantOutcome(b.due(other), codes.Success)
	b.wantOutcome(b.due(p), codes.QueueTimedOut)
}

func TestTimedOutRequestDoesNotCountItsCredential(t *testing.T) {
	b := newOffice(t)
	b.organisations[payBill].Fault = mpesa.QueueStopped
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, badCredential)), codes.QueueTimedOut)
	if b.wrong() != 0 {
		t.Errorf("%d wrong credentials count", b.wrong())
	}
}

func TestInternalFaultFailsEveryRequestOfTheOrganisation(t *testing.T) {
	for _, op := range mpesa.Operations() {
		b := newOffice(t)
		b.pay()
		b.organisations[payBill].Fault = mpesa.InternalFault
		b.organisations[bouquet].Fault = mpesa.InternalFault // a receiver's faults are its own
		p := b.process(asking(op.Command))
		b.wantOutcome(p, codes.InternalFailure)
		b.organisations[payBill].Fault = mpesa.NoFault
		b.wantOutcome(askFor(b, op.Command), codes.Success)
	}
}

func TestSuspendedAndFrozenOrganisationsMoveNothingAndMayAsk(t *testing.T) {
	for standing, want := range map[mpesa.OrganisationStanding]codes.Result{mpesa.Suspended: codes.DebitPartyInvalid, mpesa.Frozen: codes.AccountNotAllowed} {
		for _, op := range mpesa.Operations() {
			b := newOffice(t)
			received := b.pay()
			b.organisations[payBill].Standing = standing
			want := want
			if !op.Kind.MovesMoney() {
				want = codes.Success
			}
			b.wantOutcome(b.process(asking(op.Command, about(received))), want)
		}
	}
}

func TestOriginatorConversationIDIsUsedOnce(t *testing.T) {
	b := newOffice(t)
	first := b.accept(asking(mpesa.SalaryPayment, originator("october-7")))
	refused := func(p mpesa.Payment) {
		t.Helper()
		before, transfers, payments := b.snapshot()
		c := &mpesa.AcceptRequest{Request: p}
		b.run(c)
		if c.Refused == nil || *c.Refused != codes.DuplicateOriginator || c.Payment.ID != 0 || !strings.Contains(c.Reason, "october-7") {
			t.Errorf("the second request got %v (%s) and is %+v", c.Refused, c.Reason, c.Payment)
		}
		if after, n, m := b.snapshot(); !reflect.DeepEqual(before, after) || n != transfers || m != payments {
			t.Error("the refused request left something behind")
		}
	}
	refused(asking(mpesa.SalaryPayment, originator("october-7")))
	b.wantOutcome(b.due(first), codes.Success)
	refused(asking(mpesa.SalaryPayment, originator("october-7")))
	refused(asking(mpesa.BusinessPayToPochi, originator("october-7"), shillings(10))) // another API and another amount
	b.advance(10 * 365 * 24 * time.Hour)
	refused(asking(mpesa.SalaryPayment, originator("october-7")))

	b.done(asking(mpesa.SalaryPayment, originator("october-7"), initiator(bouquet)))
	b.done(asking(mpesa.SalaryPayment, originator("October-7")))
}

func TestFailedRequestKeepsItsOriginatorConversationID(t *testing.T) {
	b := newOffice(t)
	b.wantOutcome(b.process(asking(mpesa.SalaryPayment, originator("october-7"), shillings(1))), codes.BelowMinimum)
	c := &mpesa.AcceptRequest{Request: asking(mpesa.SalaryPayment, originator("october-7"))}
	if b.run(c); c.Refused == nil {
		t.Error("the second request was accepted")
	}
}

func TestHundredRequestsWithOneOriginatorConversationIDMoveMoneyOnce(t *testing.T) {
	b := newOffice(t)
	var unit []mpesa.Command
	for range 100 {
		unit = append(unit, &mpesa.AcceptRequest{Request: asking(mpesa.SalaryPayment, originator("october-7"))})
	}
	b.run(unit...)
	b.advance(time.Second)
	for _, p := range b.payments {
		b.run(falls(p))
	}
	if got := b.balance(mpesa.CustomerParty(john), mpesa.Wallet); got != money.Shillings(100_100) {
		t.Errorf("John has %s", got)
	}
}

func TestRequestsWithoutAnOriginatorConversationIDAreEachTheirOwn(t *testing.T) {
	b := newOffice(t)
	b.done(asking(mpesa.SalaryPayment))
	b.done(asking(mpesa.SalaryPayment))
	if got := b.balance(mpesa.CustomerParty(john), mpesa.Wallet); got != money.Shillings(100_200) {
		t.Errorf("John has %s", got)
	}
}

package mpesa_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// Who works on the portal.
const (
	amina   = "amina"   // the administrator
	wanjiru = "wanjiru" // a manager
	otieno  = "otieno"  // another one
	njeri   = "njeri"   // a web operator
	kip     = "kip"     // the auditor
)

// staff gives an organisation its people.
func (b *bench) staff(s mpesa.Shortcode) {
	for name, role := range map[string]mpesa.Role{amina: mpesa.RoleAdministrator, wanjiru: mpesa.RoleManager, otieno: mpesa.RoleManager,
		njeri: mpesa.RoleWebOperator, kip: mpesa.RoleAuditor} {
		id := mpesa.OperatorID{Shortcode: s, Username: name}
		b.operators[id] = mpesa.Operator{Shortcode: s, Username: name, Password: "set", Roles: []mpesa.Role{role}, Channel: mpesa.ChannelWeb}
	}
}

// newPortal is an office where the pay bill's people are at work.
func newPortal(t tester) *bench {
	b := newOffice(t)
	b.staff(payBill)
	return b
}

// as is the pay bill's operator with a name; "" is Kivuko's administrator.
func as(name string) mpesa.Actor {
	return mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: payBill, Username: name}, From: "192.0.2.7"}
}

// onPortal makes a task of a request: nobody's URL is told of it.
func onPortal(p mpesa.Payment) mpesa.Payment {
	p.Details.CallBackURL, p.Details.TimeoutURL, p.Details.Initiator, p.Details.Originator = "", "", "", ""
	return p
}

// tasks makes one of every kind that can be initiated, for a bench that it may prepare.
var tasks = map[string]func(*bench) mpesa.Payment{
	"payment to a customer": func(*bench) mpesa.Payment { return onPortal(asking("BusinessPayment")) },
	"salary":                func(*bench) mpesa.Payment { return onPortal(asking(mpesa.SalaryPayment)) },
	"promotion":             func(*bench) mpesa.Payment { return onPortal(asking(mpesa.PromotionPayment)) },
	"payment to a Pochi":    func(*bench) mpesa.Payment { return onPortal(asking(mpesa.BusinessPayToPochi)) },
	"pay bill":              func(*bench) mpesa.Payment { return onPortal(asking(mpesa.BusinessPayBill)) },
	"buy goods":             func(*bench) mpesa.Payment { return onPortal(asking(mpesa.BusinessBuyGoods, payee(till))) },
	"pay to bulk":           func(*bench) mpesa.Payment { return onPortal(asking("BusinessPayToBulk")) },
	"tax":                   func(*bench) mpesa.Payment { return onPortal(asking(mpesa.PayTaxToKRA)) },
	"move": func(*bench) mpesa.Payment {
		return mpesa.MoveTask(payBill, mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}, money.Shillings(100))
	},
	"settlement": func(*bench) mpesa.Payment { return mpesa.SettlementTask(payBill) },
	"withdrawal": func(*bench) mpesa.Payment { return mpesa.WithdrawalTask(payBill, money.Shillings(100)) },
	"reversal": func(b *bench) mpesa.Payment {
		return onPortal(asking(mpesa.TransactionReversal, about(b.walkUp())))
	},
	"reversal of a payout": func(b *bench) mpesa.Payment {
		return onPortal(asking(mpesa.TransactionReversal, about(b.done(asking("BusinessPayment")))))
	},
	"reversal of a payout to a Pochi": func(b *bench) mpesa.Payment {
		return onPortal(asking(mpesa.TransactionReversal, about(b.done(asking(mpesa.BusinessPayToPochi)))))
	},
}

// eachTask runs a test with a task of every kind that waits for its approval, initiated by Wanjiru.
func eachTask(t *testing.T, test func(*testing.T, *bench, mpesa.Payment)) {
	for name, make := range tasks {
		t.Run(name, func(t *testing.T) {
			b := newPortal(t)
			test(t, b, b.waits(wanjiru, make(b)))
		})
	}
}

// initiate has an operator initiate a task.
func (b *bench) initiate(by string, task mpesa.Payment) *portal.Initiate {
	b.t.Helper()
	c := &portal.Initiate{By: as(by), Asked: task}
	b.run(c)
	return c
}

// waits has an operator initiate a task that then waits, its money held and nothing moved.
func (b *bench) waits(by string, task mpesa.Payment) mpesa.Payment {
	b.t.Helper()
	transfers, held := len(b.transfers), b.allHeld()
	c := b.initiate(by, task)
	p := c.Payment
	switch {
	case c.Refused != nil || p.State != mpesa.Approving:
		b.t.Fatalf("the task is %s: %v", p.State, c.Refused)
	case p.Details.Initiator != by || p.AcceptedAt != b.now.UnixMilli() || p.DueAt != b.now.AddDate(0, 0, 7).UnixMilli():
		b.t.Errorf("it waits as %+v", p)
	case !reflect.DeepEqual(b.stands(p.ID), p):
		b.t.Errorf("%+v is kept as %+v", p, b.stands(p.ID))
	case len(b.transfers) != transfers:
		b.t.Error("it has moved money")
	case p.Amount == 0 || b.heldBy(p) != p.Amount || b.allHeld() != held+p.Amount:
		b.t.Errorf("of %s it holds %s", p.Amount, b.heldBy(p))
	}
	return p
}

func (b *bench) allHeld() (sum money.Amount) {
	for _, a := range b.accounts {
		sum += a.Held
	}
	return sum
}

// decide has an operator approve or reject a task.
func (b *bench) decide(by string, task int64, approve bool) *portal.DecideTask {
	b.t.Helper()
	c := &portal.DecideTask{By: as(by), Number: task, Approve: approve, Reason: "not this month"}
	b.run(c)
	return c
}

// wantAudit fails the test unless the newest line of the audit is this.
func (b *bench) wantAudit(by, action string, task mpesa.Payment, refused string) {
	b.t.Helper()
	e := b.audit[len(b.audit)-1]
	if e.Username != by || e.Action != action || e.From != "192.0.2.7" || e.Business != payBill || e.At != b.now.UnixMilli() ||
		(e.Refused == "") != (refused == "") || !strings.Contains(e.Refused, refused) {
		b.t.Errorf("the audit says %+v", e)
	}
	if task.ID != 0 && e.Payment != task.ID {
		b.t.Errorf("the audit doesn't name payment %d: %+v", task.ID, e)
	}
}

// wantForbidden fails the test unless an actor was refused, and the audit too.
func (b *bench) wantForbidden(err error, by, action, reason string) {
	b.t.Helper()
	if f, ok := errors.AsType[*portal.Forbidden](err); !ok || !strings.Contains(f.Reason, reason) {
		b.t.Fatalf("%s got %v", by, err)
	}
	if reason == "" {
		reason = err.Error()
	}
	b.wantAudit(by, action, mpesa.Payment{}, reason)
}

func TestTaskIsCarriedOutWhenAnotherApproves(t *testing.T) {
	eachTask(t, func(t *testing.T, b *bench, p mpesa.Payment) {
		b.wantAudit(wanjiru, "initiate "+p.Kind.String(), p, "")
		b.advance(time.Hour)
		held := b.allHeld()
		c := b.decide(otieno, p.ID, true)
		if c.Refused != nil || c.Payment.State != mpesa.Completed {
			t.Fatalf("approved, it is %s with %q: %v", c.Payment.State, c.Payment.Reason, c.Refused)
		}
		b.wantOutcome(b.stands(p.ID), codes.Success)
		b.wantAudit(otieno, "approve", p, "")
		if x := b.tasks[p.ID]; len(x.Approvals) != 1 || x.Approvals[0] != (portal.Approval{By: otieno, At: b.now.UnixMilli()}) || !x.Made() {
			t.Errorf("it was approved by %v", x.Approvals)
		}
		if b.allHeld() != held-p.Amount {
			t.Errorf("%s is still held", b.allHeld())
		}
	})
}

func TestTaskEndsWhenAnotherRejects(t *testing.T) {
	eachTask(t, func(t *testing.T, b *bench, p mpesa.Payment) {
		transfers := len(b.transfers)
		c := b.decide(otieno, p.ID, false)
		if c.Refused != nil {
			t.Fatal(c.Refused)
		}
		b.wantOutcome(b.stands(p.ID), codes.CancelledByUser)
		b.wantAudit(otieno, "reject", p, "")
		if reason := c.Payment.Reason; reason != "rejected by otieno: not this month" {
			t.Errorf("the reason is %q", reason)
		}
		if len(b.transfers) != transfers || b.allHeld() != 0 {
			t.Errorf("%d transfers, %s held", len(b.transfers)-transfers, b.allHeld())
		}
	})
}

func TestTaskExpires(t *testing.T) {
	eachTask(t, func(t *testing.T, b *bench, p mpesa.Payment) {
		b.advance(7*24*time.Hour - time.Millisecond)
		b.run(falls(p))
		if now := b.stands(p.ID); now.State != mpesa.Approving {
			t.Fatalf("a millisecond early it is %s", now.State)
		}
		b.wantOutcome(b.due(p), codes.Expired)
		if reason := b.stands(p.ID).Reason; reason != "nobody decided on it within 7 days" || b.allHeld() != 0 {
			t.Errorf("%s held; the reason is %q", b.allHeld(), reason)
		}
		if _, ok := errors.AsType[*portal.NotWaiting](b.decide(otieno, p.ID, true).Refused); !ok {
			t.Error("it can still be approved")
		}
	})
}

func TestNobodyDecidesOnHisOwnTask(t *testing.T) {
	eachTask(t, func(t *testing.T, b *bench, p mpesa.Payment) {
		for _, approve := range []bool{true, false} {
			action := map[bool]string{true: "approve", false: "reject"}[approve]
			b.wantForbidden(b.decide(wanjiru, p.ID, approve).Refused, wanjiru, action, "nobody decides on their own")
		}
		if now := b.stands(p.ID); !reflect.DeepEqual(now, p) {
			t.Errorf("it became %+v", now)
		}
	})
}

func TestOrganisationIsBarredWhileATaskWaits(t *testing.T) {
	for standing, want := range map[mpesa.OrganisationStanding]codes.Result{mpesa.Suspended: codes.DebitPartyInvalid, mpesa.Frozen: codes.AccountNotAllowed} {
		eachTask(t, func(t *testing.T, b *bench, p mpesa.Payment) {
			b.organisations[payBill].Standing = standing
			if c := b.decide(otieno, p.ID, true); c.Refused != nil {
				t.Fatal(c.Refused)
			}
			b.wantOutcome(b.stands(p.ID), want)
			if b.allHeld() != 0 {
				t.Errorf("%s stays held", b.allHeld())
			}
		})
	}
}

// What is held can't be spent meanwhile, so that a task finds its money whatever else was paid.
func TestTaskFindsItsMoneyWhateverElseWasPaid(t *testing.T) {
	eachTask(t, func(t *testing.T, b *bench, p mpesa.Payment) {
		for id := range b.accounts {
			if _, customer := id.Party().Phone(); customer || id.Party() == payBill.Party() && !id.Kind().MayOwe() {
				b.empty(id)
			}
		}
		b.decide(otieno, p.ID, true)
		b.wantOutcome(b.stands(p.ID), codes.Success)
	})
}

func TestSecondToDecideIsToldWhoWasFaster(t *testing.T) {
	b := newPortal(t)
	p := b.waits(njeri, tasks["move"](b))
	first := &portal.DecideTask{By: as(otieno), Number: p.ID, Approve: true}
	second := &portal.DecideTask{By: as(wanjiru), Number: p.ID, Reason: "no"}
	b.run(first, second) // at the same moment: in one unit of work
	if first.Refused != nil || second.Refused == nil || second.Refused.Error() != "the task doesn't wait any more: it is completed, approved by otieno" {
		t.Errorf("the first got %v, the second %v", first.Refused, second.Refused)
	}
	q := b.waits(njeri, tasks["move"](b))
	b.decide(otieno, q.ID, false)
	if err := b.decide(wanjiru, q.ID, true).Refused; err == nil || err.Error() != "the task doesn't wait any more: it is failed: rejected by otieno: not this month" {
		t.Errorf("the second got %v", err)
	}
}

func TestTasksAboveTheSecondThresholdNeedTwo(t *testing.T) {
	b := newPortal(t)
	b.organisations[payBill].Approval = mpesa.ApprovalPolicy{Free: money.Shillings(10), Second: money.Shillings(99)}
	p := b.waits(njeri, tasks["move"](b))
	c := b.decide(otieno, p.ID, true)
	if c.Refused != nil || c.Payment.State != mpesa.Approving || b.heldBy(c.Payment) != p.Amount {
		t.Fatalf("with one approval it is %+v: %v", c.Payment, c.Refused)
	}
	b.wantForbidden(b.decide(otieno, p.ID, true).Refused, otieno, "approve", "it needs another operator")
	if c := b.decide(wanjiru, p.ID, true); c.Refused != nil {
		t.Fatal(c.Refused)
	}
	b.wantOutcome(b.stands(p.ID), codes.Success)
	err := b.decide(wanjiru, p.ID, false).Refused
	if err == nil || !strings.HasSuffix(err.Error(), "completed, approved by otieno and by wanjiru") {
		t.Errorf("afterwards: %v", err)
	}
}

func TestSmallTasksNeedNobody(t *testing.T) {
	for name, make := range tasks {
		t.Run(name, func(t *testing.T) {
			b := newPortal(t)
			task := make(b)
			b.organisations[payBill].Approval.Free = money.Shillings(100)
			c := b.initiate(wanjiru, task)
			if name == "settlement" { // of millions
				if c.Payment.State != mpesa.Approving {
					t.Errorf("it is %s", c.Payment.State)
				}
				return
			}
			if c.Refused != nil {
				t.Fatal(c.Refused)
			}
			b.wantOutcome(b.stands(c.Payment.ID), codes.Success)
			b.wantAudit(wanjiru, "initiate "+task.Kind.String(), c.Payment, "")
		})
	}
}

func TestWhoeverRunsKivukoNeedsNoApproval(t *testing.T) {
	for name, make := range tasks {
		t.Run(name, func(t *testing.T) {
			b := newPortal(t)
			c := b.initiate("", make(b))
			if c.Refused != nil {
				t.Fatal(c.Refused)
			}
			b.wantOutcome(b.stands(c.Payment.ID), codes.Success)
			if x := b.tasks[c.Payment.ID]; !x.Made() {
				t.Errorf("payment %d is no task", c.Payment.ID)
			}
			p := b.waits(wanjiru, make(newPortalLike(b)))
			b.decide("", p.ID, true)
			b.wantOutcome(b.stands(p.ID), codes.Success)
		})
	}
}

// newPortalLike is the same bench, with revenue again.
func newPortalLike(b *bench) *bench {
	b.run(deposit{account(payBill, mpesa.Utility), money.Shillings(1000)})
	return b
}

// What forbids a task is told to its initiator, and to the audit. Nothing changes.
func TestImpossibleTaskIsDeclinedAtOnce(t *testing.T) {
	for _, test := range []struct {
		name   string
		task   func(*bench) mpesa.Payment
		want   codes.Result
		reason string
	}{
		{"more than there is", func(b *bench) mpesa.Payment {
			return mpesa.MoveTask(payBill, mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Utility}, money.Shillings(1_000_001))
		}, codes.InsufficientFunds, "more than the 1000000.00"},
		{"more than is not held", func(b *bench) mpesa.Payment {
			b.waits(wanjiru, mpesa.WithdrawalTask(payBill, money.Shillings(999_950)))
			return mpesa.WithdrawalTask(payBill, money.Shillings(51))
		}, codes.InsufficientFunds, "more than the 50.00"},
		{"no such way", func(*bench) mpesa.Payment {
			return mpesa.MoveTask(payBill, mpesa.OwnRoute{From: mpesa.Working, To: mpesa.Merchant}, 100)
		}, codes.NotPermitted, "no money moves"},
		{"below the minimum", func(*bench) mpesa.Payment { return onPortal(asking("BusinessPayment", shillings(9))) }, codes.BelowMinimum, "minimum"},
		{"above the maximum", func(*bench) mpesa.Payment { return onPortal(asking("BusinessPayment", shillings(250_001))) }, codes.AboveMaximum, "maximum"},
		{"customer not registered", func(b *bench) mpesa.Payment {
			b.put(john, func(c *mpesa.PutPhone) { c.Standing = ptr(mpesa.Unregistered) })
			return onPortal(asking("BusinessPayment"))
		}, codes.RecipientType, "registered"},
		{"nobody's shortcode", func(*bench) mpesa.Payment { return onPortal(asking(mpesa.BusinessPayBill, payee(nobody))) }, codes.OperatorNotFound, "nobody's"},
		{"not assigned the product", func(b *bench) mpesa.Payment {
			b.organisations[payBill].Products = allBut(mpesa.ProductB2C)
			return onPortal(asking("BusinessPayment"))
		}, codes.NotPermitted, "not assigned"},
		{"unsettled charges", func(b *bench) mpesa.Payment { b.pay(amount(1500)); return mpesa.WithdrawalTask(payBill, 100) }, codes.AccountNotAllowed, "owes 5.00"},
		{"no revenue", func(b *bench) mpesa.Payment {
			b.empty(account(payBill, mpesa.Utility))
			b.empty(account(payBill, mpesa.Merchant))
			return mpesa.SettlementTask(payBill)
		}, codes.InsufficientFunds, "no revenue"},
		{"no such receipt", func(*bench) mpesa.Payment { return onPortal(asking(mpesa.TransactionReversal)) }, codes.NotReversible, "no payment has"},
		{"reversed before", func(b *bench) mpesa.Payment {
			original := b.walkUp()
			b.done(reversalOf(original))
			return onPortal(asking(mpesa.TransactionReversal, about(original)))
		}, codes.AlreadyReversed, "was reversed by"},
		{"another one's payout", func(b *bench) mpesa.Payment {
			return onPortal(asking(mpesa.TransactionReversal, about(b.done(asking("BusinessPayment", initiator(bouquet))))))
		}, codes.NotReversible, "was paid by 174380"},
		{"a payout that has been spent", func(b *bench) mpesa.Payment {
			original := b.done(asking("BusinessPayment", shillings(250)))
			b.put(john, func(c *mpesa.PutPhone) { c.Balance = ptr(money.Shillings(249)) })
			return onPortal(asking(mpesa.TransactionReversal, about(original)))
		}, codes.InsufficientFunds, "254708374149 no longer has the 250.00"},
		{"a suspended customer's payout", func(b *bench) mpesa.Payment {
			original := b.done(asking("BusinessPayment"))
			b.put(john, func(c *mpesa.PutPhone) { c.Standing = ptr(mpesa.Inactive) })
			return onPortal(asking(mpesa.TransactionReversal, about(original)))
		}, codes.AccountNotAllowed, "suspended"},
		{"suspended", func(b *bench) mpesa.Payment {
			b.organisations[payBill].Standing = mpesa.Suspended
			return tasks["settlement"](b)
		}, codes.DebitPartyInvalid, "suspended"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newPortal(t)
			task := test.task(b)
			accounts, transfers, payments := b.snapshot()
			c := b.initiate(wanjiru, task)
			d, ok := errors.AsType[*portal.Declined](c.Refused)
			if !ok || d.Result != test.want || !strings.Contains(d.Reason, test.reason) {
				t.Fatalf("got %+v", c.Refused)
			}
			b.wantAudit(wanjiru, "initiate "+task.Kind.String(), mpesa.Payment{}, test.reason)
			if now, n, m := b.snapshot(); !reflect.DeepEqual(now, accounts) || n != transfers || m != payments || c.Payment.ID != 0 {
				t.Error("something has changed")
			}
		})
	}
}

func TestPayoutsAreNotReversedByAPI(t *testing.T) { // BusinessToPochi, FAQ 18
	b := newPortal(t)
	for _, command := range []string{"BusinessPayment", mpesa.BusinessPayToPochi} {
		p := b.process(asking(mpesa.TransactionReversal, about(b.done(asking(command)))))
		b.wantOutcome(p, codes.NotReversible)
		if !strings.Contains(p.Reason, "by API but on the portal") {
			t.Errorf("the reason is %q", p.Reason)
		}
	}
}

func TestPayoutIsTakenBackFromTheCustomerWithoutTheCharge(t *testing.T) {
	b := newPortal(t)
	original := b.done(asking("BusinessPayment", shillings(250)))
	before := b.accounts[wallet(john)]
	p := b.waits(wanjiru, onPortal(asking(mpesa.TransactionReversal, about(original))))
	if a := b.accounts[wallet(john)]; a.Held != money.Shillings(250) {
		t.Errorf("of the customer's wallet %s is held", a.Held)
	}
	b.decide(otieno, p.ID, true)
	p = b.stands(p.ID)
	b.wantLegs(p, principal(wallet(john), account(payBill, mpesa.Utility), money.Shillings(250)))
	after := b.accounts[wallet(john)]
	if p.Details.Payer != b.subscribers[john].Name || p.Details.Payee != "Daraja Sandbox" || after.Spent != before.Spent || after.LastPayment != p.ID {
		t.Errorf("got %+v; the wallet is %+v", p, after)
	}
	if head := b.accounts[account(payBill, mpesa.Utility)].LastPayment; head != p.ID {
		t.Errorf("the last payment into Utility is %d", head)
	}
}

// Customers go on paying while a settlement waits. It passes on what it has held.
func TestSettlementPassesOnWhatItHolds(t *testing.T) {
	b := newPortal(t)
	p := b.waits(njeri, mpesa.SettlementTask(payBill))
	b.pay(amount(1500))
	b.decide(otieno, p.ID, true)
	b.wantOutcome(b.stands(p.ID), codes.Success)
	for kind, want := range map[mpesa.AccountKind]int64{mpesa.Utility: 1500, mpesa.Merchant: 0, mpesa.ChargesPaid: 0, mpesa.Working: 2_999_995} {
		if got := b.balance(payBill.Party(), kind); got != money.Shillings(want) {
			t.Errorf("%s holds %s, want %d", kind, got, want)
		}
	}
}

func TestChargesOfLaterPaymentsDoNotUndoAWithdrawal(t *testing.T) {
	b := newPortal(t)
	p := b.waits(wanjiru, tasks["withdrawal"](b))
	b.pay(amount(1500))
	b.decide(otieno, p.ID, true)
	b.wantOutcome(b.stands(p.ID), codes.Success)
}

// BusinessToPochi, various roles under the portal: each role by each action.
func TestRolesDecideWhatAnOperatorMayDo(t *testing.T) {
	may := map[string][]string{
		amina:   {"set approval"},
		wanjiru: {"initiate move", "initiate withdrawal", "approve", "reject"},
		otieno:  {"initiate move", "initiate withdrawal", "approve", "reject"},
		njeri:   {"initiate move"},
		kip:     {},
		testapi: {}, // can't sign in
		"ghost": {},
	}
	for name, allowed := range may {
		for _, action := range []string{"initiate move", "initiate withdrawal", "approve", "reject", "set approval"} {
			b := newPortal(t)
			waiting := b.initiate("", mpesa.SettlementTask(payBill)).Payment // for its number alone
			if action == "approve" || action == "reject" {
				b.operators[mpesa.OperatorID{Shortcode: payBill, Username: "maker"}] = mpesa.Operator{Shortcode: payBill, Username: "maker", Password: "set",
					Roles: []mpesa.Role{mpesa.RoleWebOperator}, Channel: mpesa.ChannelWeb}
				waiting = b.waits("maker", tasks["move"](b))
			}
			var err error
			switch action {
			case "initiate move":
				err = b.initiate(name, tasks["move"](b)).Refused
			case "initiate withdrawal":
				err = b.initiate(name, tasks["withdrawal"](b)).Refused
			case "set approval":
				c := &portal.ChangeApproval{By: as(name), Free: ptr(money.Amount(100))}
				b.run(c)
				err = c.Refused
			default:
				err = b.decide(name, waiting.ID, action == "approve").Refused
			}
			permitted := slices.Contains(allowed, action)
			if permitted && err != nil {
				t.Errorf("%s may not %s: %v", name, action, err)
			}
			if !permitted {
				b.wantForbidden(err, name, action, "")
			} else {
				b.wantAudit(name, action, mpesa.Payment{}, "")
			}
		}
	}
}

func TestLockedOperatorDoesNothing(t *testing.T) {
	b := newPortal(t)
	id := mpesa.OperatorID{Shortcode: payBill, Username: wanjiru}
	o := b.operators[id]
	o.Wrong = mpesa.LockAfter
	b.operators[id] = o
	b.wantForbidden(b.initiate(wanjiru, tasks["move"](b)).Refused, wanjiru, "initiate move", "is locked")
}

func TestTasksOfOthersAreUnknown(t *testing.T) {
	b := newPortal(t)
	b.staff(bouquet)
	p := b.waits(wanjiru, tasks["move"](b))
	other := &portal.DecideTask{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: bouquet, Username: otieno}}, Number: p.ID, Approve: true}
	missing := &portal.DecideTask{By: as(otieno), Number: 12345}
	paid := &portal.DecideTask{By: as(otieno), Number: b.walkUp().ID}
	queued := &portal.DecideTask{By: as(otieno), Number: b.accept(asking("BusinessPayment")).ID}
	b.run(other, missing, paid, queued)
	if !other.Unknown || !missing.Unknown || !paid.Unknown || !queued.Unknown {
		t.Error("somebody decides on what is no task of their organisation")
	}
	c := &portal.Initiate{By: mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: nobody, Username: wanjiru}}, Asked: mpesa.SettlementTask(nobody)}
	policy := &portal.ChangeApproval{By: c.By}
	b.run(c, policy)
	if !c.Unknown || !policy.Unknown {
		t.Error("nobody's shortcode has tasks")
	}
}

func TestApprovalPolicyIsChanged(t *testing.T) {
	b := newPortal(t)
	free, second := &portal.ChangeApproval{By: as(amina), Free: ptr(money.Shillings(10))}, &portal.ChangeApproval{By: as(amina), Second: ptr(money.Shillings(1000))}
	b.run(free, second) // neither undoes the other
	want := mpesa.ApprovalPolicy{Free: money.Shillings(10), Second: money.Shillings(1000)}
	if second.Refused != nil || second.Changed.Approval != want || b.organisations[payBill].Approval != want {
		t.Errorf("got %+v: %v", second.Changed, second.Refused)
	}
	if e := b.audit[len(b.audit)-1]; e.Subject != "tasks above 10.00 need an approval, those above 1000.00 need two" {
		t.Errorf("the audit says %+v", e)
	}
	below := &portal.ChangeApproval{By: as(amina), Free: ptr(money.Shillings(1001))}
	b.run(below)
	if _, declined := errors.AsType[*portal.Declined](below.Refused); !declined || b.organisations[payBill].Approval != want {
		t.Errorf("two have to approve what nobody need: %v, %+v", below.Refused, b.organisations[payBill].Approval)
	}
	if got := (mpesa.ApprovalPolicy{}).String(); got != "every task needs an approval" {
		t.Error(got)
	}
}

// The first when a task's week is over counts: what looks at it then, or somebody who approves it before it was looked at.
func TestTaskIsNotDecidedOnWhenItsWeekIsOver(t *testing.T) {
	for _, lookedAt := range []bool{true, false} {
		b := newPortal(t)
		p := b.waits(wanjiru, tasks["payment to a customer"](b))
		b.now = time.UnixMilli(p.DueAt).In(clock.EAT)
		look, late := falls(p), &portal.DecideTask{By: as(otieno), Number: p.ID, Approve: true}
		if lookedAt {
			b.run(look, late)
		} else {
			b.run(late, look)
		}
		if _, over := errors.AsType[*portal.NotWaiting](late.Refused); !over {
			t.Errorf("looked at before: %v; got %v", lookedAt, late.Refused)
		}
		b.wantOutcome(b.stands(p.ID), codes.Expired)
	}
}

func TestHowManyApproveGoesByTheThresholds(t *testing.T) {
	for amount, want := range map[money.Amount]int{1: 0, 1000: 0, 1001: 1, 5000: 1, 5001: 2} {
		o := mpesa.Organisation{Approval: mpesa.ApprovalPolicy{Free: 1000, Second: 5000}}
		if got := portal.Approvers(&o, &mpesa.Payment{Header: mpesa.Header{Amount: amount}}); got != want {
			t.Errorf("%s needs the approval of %d; want %d", amount, got, want)
		}
		if o.Approval = (mpesa.ApprovalPolicy{}); portal.Approvers(&o, &mpesa.Payment{Header: mpesa.Header{Amount: amount}}) != 1 {
			t.Errorf("%s needs the approval of %d without thresholds", amount, portal.Approvers(&o, &mpesa.Payment{Header: mpesa.Header{Amount: amount}}))
		}
	}
}

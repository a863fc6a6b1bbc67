package mpesa_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestOperatorIsCreatedThenChangedThenRemoved(t *testing.T) {
	b := newOffice(t)
	amina := mpesa.OperatorID{Shortcode: payBill, Username: "amina"}
	change := func(change func(*mpesa.Operator, bool) error) *mpesa.ChangeOperator {
		c := &mpesa.ChangeOperator{ID: amina, Change: change}
		b.run(c)
		return c
	}
	asked := func() mpesa.Payment {
		return b.process(asking(mpesa.AccountBalance, func(p *mpesa.Payment) { p.Details.Initiator = "amina" }))
	}

	created := change(func(o *mpesa.Operator, there bool) error {
		if there {
			t.Error("the operator is there already")
		}
		o.Roles = []mpesa.Role{mpesa.RoleBalance}
		return nil
	})
	want := mpesa.Operator{Shortcode: payBill, Username: "amina", Roles: []mpesa.Role{mpesa.RoleBalance}}
	if !created.Created || !reflect.DeepEqual(created.Changed, want) || !reflect.DeepEqual(b.operators[amina], want) {
		t.Fatalf("created %v: %+v, stored %+v", created.Created, created.Changed, b.operators[amina])
	}
	b.wantOutcome(asked(), codes.InvalidInitiator) // who has no password yet

	if changed := change(func(o *mpesa.Operator, _ bool) error { o.Password = "set"; return nil }); changed.Created || changed.Refused != nil {
		t.Errorf("created %v, refused with %v", changed.Created, changed.Refused)
	}
	b.wantOutcome(asked(), codes.Success)

	refusal := errors.New("no")
	if c := change(func(o *mpesa.Operator, _ bool) error { o.Wrong = 5; return refusal }); c.Refused != refusal || b.operators[amina].Wrong != 0 {
		t.Errorf("refused with %v; stored is %+v", c.Refused, b.operators[amina])
	}

	for _, found := range []bool{true, false} {
		c := &mpesa.RemoveOperator{ID: amina}
		if b.run(c); c.Found != found {
			t.Errorf("found %v; want %v", c.Found, found)
		}
		b.wantOutcome(asked(), codes.InvalidInitiator)
	}
}

func TestOperatorsNeedAnOrganisation(t *testing.T) {
	b := newOffice(t)
	c := &mpesa.ChangeOperator{ID: mpesa.OperatorID{Shortcode: nobody, Username: "amina"}, Change: func(*mpesa.Operator, bool) error { return nil }}
	if b.run(c); !c.Unknown || c.Created || len(b.operators) != len(newOffice(t).operators) {
		t.Errorf("unknown %v, created %v", c.Unknown, c.Created)
	}
}

func TestOperatorRemovedWhileHisRequestWaits(t *testing.T) {
	b := newOffice(t)
	p := b.accept(asking(mpesa.SalaryPayment))
	b.run(&mpesa.RemoveOperator{ID: mpesa.OperatorID{Shortcode: payBill, Username: testapi}})
	b.wantOutcome(b.due(p), codes.InvalidInitiator)
}

func TestOperatorRemovedInTheUnitOfHisRequest(t *testing.T) {
	b := newOffice(t)
	p := b.accept(asking(mpesa.SalaryPayment, badCredential))
	b.advance(time.Second)
	b.run(&mpesa.RemoveOperator{ID: mpesa.OperatorID{Shortcode: payBill, Username: testapi}}, &mpesa.Due{Payment: p.ID, Payer: p.Payer})
	b.wantOutcome(b.payments[p.ID], codes.InvalidInitiator)
	if o, there := b.operators[mpesa.OperatorID{Shortcode: payBill, Username: testapi}]; there {
		t.Errorf("he is back: %+v", o)
	}
}

func TestAppIsKept(t *testing.T) {
	b := newBench(t)
	app := mpesa.App{Key: "key", Secret: "secret", Name: "Shop", Products: []string{"M-Pesa Sandbox"}, SpikeArrest: 5, Quota: -1}
	if b.run(&mpesa.PutApp{App: app}); !reflect.DeepEqual(b.apps, []mpesa.App{app}) {
		t.Errorf("kept are %+v", b.apps)
	}
}

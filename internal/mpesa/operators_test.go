package mpesa_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

func TestOperatorIsCreatedThenChangedThenRemoved(t *testing.T) {
	b := newOffice(t)
	amina := mpesa.OperatorID{Shortcode: payBill, Username: "amina"}
	change := func(change func(*mpesa.Operator, bool) error) *portal.ChangeOperator {
		c := &portal.ChangeOperator{ID: amina, Change: change}
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
	want := mpesa.Operator{Shortcode: payBill, Username: "amina", Roles: []mpesa.Role{mpesa.RoleBalance}, Epoch: b.now.UnixMilli()}
	if !created.Created || !reflect.DeepEqual(created.Changed, want) || !reflect.DeepEqual(b.operators[amina], want) {
		t.Fatalf("created %v: %+v, stored %+v", created.Created, created.Changed, b.operators[amina])
	}
	b.wantOutcome(asked(), codes.InvalidInitiator) // who has no password yet

	if changed := change(func(o *mpesa.Operator, _ bool) error { o.Password = "set"; return nil }); changed.Created || changed.Refused != nil {
		t.Errorf("created %v, refused with %v", changed.Created, changed.Refused)
	}
	b.wantOutcome(asked(), codes.Success)

	refusal := errors.New("no")
	if c := change(func(o *mpesa.Operator, _ bool) error { o.Wrong = 5; return refusal }); !errors.Is(c.Refused, refusal) || b.operators[amina].Wrong != 0 {
		t.Errorf("refused with %v; stored is %+v", c.Refused, b.operators[amina])
	}

	for _, found := range []bool{true, false} {
		c := &portal.RemoveOperator{ID: amina}
		if b.run(c); c.Found != found {
			t.Errorf("found %v; want %v", c.Found, found)
		}
		b.wantOutcome(asked(), codes.InvalidInitiator)
	}
}

func TestOperatorsNeedAnOrganisation(t *testing.T) {
	b := newOffice(t)
	c := &portal.ChangeOperator{ID: mpesa.OperatorID{Shortcode: nobody, Username: "amina"}, Change: func(*mpesa.Operator, bool) error { return nil }}
	if b.run(c); !c.Unknown || c.Created || len(b.operators) != len(newOffice(t).operators) {
		t.Errorf("unknown %v, created %v", c.Unknown, c.Created)
	}
}

func TestOperatorRemovedWhileHisRequestWaits(t *testing.T) {
	b := newOffice(t)
	p := b.accept(asking(mpesa.SalaryPayment))
	b.run(&portal.RemoveOperator{ID: mpesa.OperatorID{Shortcode: payBill, Username: testapi}})
	b.wantOutcome(b.due(p), codes.InvalidInitiator)
}

func TestOperatorRemovedInTheUnitOfHisRequest(t *testing.T) {
	b := newOffice(t)
	p := b.accept(asking(mpesa.SalaryPayment, badCredential))
	b.advance(time.Second)
	b.run(&portal.RemoveOperator{ID: mpesa.OperatorID{Shortcode: payBill, Username: testapi}}, falls(p))
	b.wantOutcome(b.payments[p.ID], codes.InvalidInitiator)
	if o, there := b.operators[mpesa.OperatorID{Shortcode: payBill, Username: testapi}]; there {
		t.Errorf("the operator is back: %+v", o)
	}
}

// Web operators of the pay bill, by their usernames.
const (
	admin   = "admin"
	manager = "manager"
	auditor = "auditor"

	adminPhone msisdn.Number = 254711000001
)

// portalStaff gives the pay bill an operator for each role of the portal, with the password "set".
func (b *bench) portalStaff() {
	for name, roles := range map[string][]mpesa.Role{
		admin: {mpesa.RoleAdministrator}, manager: {mpesa.RoleManager, mpesa.RoleSetPassword}, "clerk": {mpesa.RoleWebOperator}, auditor: {mpesa.RoleAuditor},
	} {
		o := mpesa.Operator{Shortcode: payBill, Username: name, Password: "set", Roles: roles, Channel: mpesa.ChannelWeb, Person: mpesa.Person{Name: name, Phone: adminPhone}}
		b.operators[o.ID()] = o
	}
}

func of(username string) mpesa.OperatorID {
	return mpesa.OperatorID{Shortcode: payBill, Username: username}
}

func by(username string) mpesa.Actor { return mpesa.Actor{Operator: of(username), From: "127.0.0.1"} }

// lastAudit is the newest entry of the audit.
func (b *bench) lastAudit() (e mpesa.AuditEntry) {
	if len(b.audit) > 0 {
		e = b.audit[len(b.audit)-1]
		e.ID, e.At = 0, 0
	}
	return e
}

func TestOnlyWhoMayManagesOperators(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	suspend := func(o *mpesa.Operator, _ bool) error { o.Suspended = true; return nil }
	for username, may := range map[string]bool{admin: true, manager: false, "clerk": false, auditor: false, testapi: false, "nobody": false, "": true} {
		c := &portal.ChangeOperator{By: by(username), Right: portal.ManageOperators, Action: "suspend operator", ID: of(testapi), Change: suspend}
		b.run(c)
		_, forbidden := errors.AsType[*portal.Forbidden](c.Refused)
		if forbidden == may || b.operators[of(testapi)].Suspended != may {
			t.Errorf("%s: refused with %v, and it is %+v", username, c.Refused, b.operators[of(testapi)])
		}
		want := mpesa.AuditEntry{Business: payBill, Username: username, From: "127.0.0.1", Action: "suspend operator", Subject: testapi}
		got := b.lastAudit()
		if (got.Refused == "") != may {
			t.Errorf("%s: the audit says %+v", username, got)
		}
		if got.Refused = ""; got != want {
			t.Errorf("the audit says %+v; want %+v", got, want)
		}
		b.operator(func(o *mpesa.Operator) { o.Suspended = false })
	}
}

func TestNobodyLocksHimselfOut(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	for name, change := range map[string]func(*mpesa.Operator){
		"roles":     func(o *mpesa.Operator) { o.Roles = append(slices.Clone(o.Roles), mpesa.RoleManager) },
		"suspended": func(o *mpesa.Operator) { o.Suspended = true },
		"reset":     func(o *mpesa.Operator) { o.Password = "" },
	} {
		c := &portal.ChangeOperator{By: by(admin), Right: portal.ManageOperators, Action: "change operator", ID: of(admin), Change: func(o *mpesa.Operator, _ bool) error { change(o); return nil }}
		b.run(c)
		if _, forbidden := errors.AsType[*portal.Forbidden](c.Refused); !forbidden || b.lastAudit().Refused == "" {
			t.Errorf("%s: refused with %v", name, c.Refused)
		}
	}
	remove := &portal.RemoveOperator{By: by(admin), ID: of(admin)}
	if b.run(remove); remove.Refused == nil || remove.Found {
		t.Errorf("an operator has removed themselves: %+v", remove)
	}
	email := &portal.ChangeOperator{By: by(admin), Right: portal.ManageOperators, Action: "change operator", ID: of(admin), Change: func(o *mpesa.Operator, _ bool) error { o.Person.Email = "a@b.example"; return nil }}
	if b.run(email); email.Refused != nil {
		t.Errorf("the email stays: %v", email.Refused)
	}
}

func TestWhatChangesAnOperatorsStandingEndsHisSessions(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	for name, x := range map[string]struct {
		change func(*mpesa.Operator)
		ends   bool
	}{
		"roles":     {func(o *mpesa.Operator) { o.Roles = []mpesa.Role{mpesa.RoleAuditor} }, true},
		"suspended": {func(o *mpesa.Operator) { o.Suspended = true }, true},
		"password":  {func(o *mpesa.Operator) { o.Password = "other" }, true},
		"name":      {func(o *mpesa.Operator) { o.Person.Name = "Other" }, false},
	} {
		before := b.operators[of("clerk")].Epoch
		b.run(&portal.ChangeOperator{ID: of("clerk"), Action: "change operator", Change: func(o *mpesa.Operator, _ bool) error { x.change(o); return nil }})
		if ended := b.operators[of("clerk")].Epoch != before; ended != x.ends {
			t.Errorf("%s: sessions end: %v", name, ended)
		}
	}
	before := b.operators[of(manager)].Epoch
	b.run(&portal.ChangeOperator{ID: of(manager), Action: "change operator", Change: func(o *mpesa.Operator, _ bool) error {
		o.Roles = []mpesa.Role{o.Roles[1], o.Roles[0]} // as a form lists them
		return nil
	}})
	if b.operators[of(manager)].Epoch != before || b.lastAudit().Subject != manager {
		t.Errorf("the same roles in another order are a change: %+v", b.lastAudit())
	}
}

func TestAnotherOperatorOfTheSameNameHasAnotherEpoch(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	b.run(&portal.RemoveOperator{ID: of("clerk")})
	b.run(&portal.ChangeOperator{ID: of("clerk"), Action: "add operator", Change: func(*mpesa.Operator, bool) error { return nil }})
	if b.operators[of("clerk")].Epoch == 0 {
		t.Error("a session of the first one would be one of the second's")
	}
}

func TestANewOperatorsPhoneGetsHisPassword(t *testing.T) {
	b := newOffice(t)
	b.portalStaff()
	const phone msisdn.Number = 254711000009
	b.run(&portal.ChangeOperator{By: by(admin), Right: portal.ManageOperators, Action: "add operator", ID: of("mary"), Phone: phone, SMS: "Your first-time password: x",
		Change: func(o *mpesa.Operator, _ bool) error { o.Person.Phone = phone; return nil }})
	if m := b.messages; len(m) != 1 || m[0].Phone != phone || m[0].Text != "Your first-time password: x" {
		t.Errorf("messages: %+v", m)
	}
	if _, there := b.subscribers[phone]; !there {
		t.Error("the phone is nobody's")
	}
	refused := &portal.ChangeOperator{By: by(manager), Right: portal.ManageOperators, Action: "add operator", ID: of("jane"), Phone: phone, SMS: "another",
		Change: func(o *mpesa.Operator, _ bool) error { o.Person.Phone = phone; return nil }}
	if b.run(refused); refused.Refused == nil || len(b.messages) != 1 {
		t.Errorf("a refused one got an SMS: %+v", b.messages)
	}
}

// An operator initiates requests by their roles, whatever the channel, once they are active.
func TestWhichOperatorsInitiateRequests(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*mpesa.Operator)
		want   codes.Result
	}{
		"an API operator":                      {func(*mpesa.Operator) {}, codes.Success},
		"a web operator with the role":         {func(o *mpesa.Operator) { o.Channel = mpesa.ChannelWeb }, codes.Success},
		"a web operator without it":            {func(o *mpesa.Operator) { o.Channel, o.Roles = mpesa.ChannelWeb, []mpesa.Role{mpesa.RoleManager} }, codes.InitiatorNotAllowed},
		"a web operator who never signed in":   {func(o *mpesa.Operator) { o.Channel, o.First = mpesa.ChannelWeb, true }, codes.InvalidInitiator},
		"a suspended API operator":             {func(o *mpesa.Operator) { o.Suspended = true }, codes.InvalidInitiator},
		"a suspended web operator with a role": {func(o *mpesa.Operator) { o.Channel, o.Suspended = mpesa.ChannelWeb, true }, codes.InvalidInitiator},
	} {
		t.Run(name, func(t *testing.T) {
			b := newOffice(t)
			b.operator(test.change)
			b.wantOutcome(b.process(asking(mpesa.AccountBalance)), test.want)
		})
	}
}

func TestALockIsInTheAudit(t *testing.T) {
	b := newOffice(t)
	for range mpesa.LockAfter {
		b.process(asking(mpesa.AccountBalance, badCredential))
	}
	locks := 0
	for _, e := range b.audit {
		if e.Action == "lock" && e.Username == testapi {
			locks++
		}
	}
	if locks != 1 {
		t.Errorf("%d locks in %+v", locks, b.audit)
	}
}

func TestEveryRightIsSomeRoles(t *testing.T) {
	given := map[portal.Right]bool{}
	for _, role := range portal.WebRoles() {
		if role.About == "" {
			t.Errorf("nothing is said of %s", role.Role)
		}
		for _, right := range role.Rights {
			given[right] = true
		}
	}
	for _, right := range portal.AllRights() {
		if !given[right] {
			t.Errorf("no role gives %q", right)
		}
	}
	if len(given) != len(portal.AllRights()) || given[portal.RunKivuko] {
		t.Errorf("given are %v", given)
	}
	if o := (mpesa.Operator{Roles: []mpesa.Role{mpesa.RoleManager}}); len(portal.RightsOf(&o)) != 0 {
		t.Errorf("an API operator has rights on the portal: %q", portal.RightsOf(&o))
	}
}

package storetest

import (
	"errors"
	"maps"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// approval is the policy of the model's pay bill: small tasks need nobody, large ones two.
var approval = mpesa.ApprovalPolicy{Free: money.Shillings(20), Second: money.Shillings(500)}

func manager(business mpesa.Shortcode, name string) mpesa.Operator {
	return mpesa.Operator{Shortcode: business, Username: name, Password: "set", Roles: []mpesa.Role{mpesa.RoleManager}, Channel: mpesa.ChannelWeb}
}

// operator draws one of the pay bill's managers.
func (m *model) operator(t *rapid.T) mpesa.Actor {
	name := rapid.SampledFrom([]string{"maker", "checker", "third"}).Draw(t, "operator")
	return mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: m.bill, Username: name}, From: "192.0.2.7"}
}

// initiate has a manager initiate something on the portal.
func (m *model) initiate(t *rapid.T) {
	c := &portal.Initiate{By: m.operator(t)}
	switch rapid.IntRange(0, 5).Draw(t, "0: move, 1: settle, 2: withdraw") {
	case 0:
		c.Asked = mpesa.MoveTask(m.bill, rapid.SampledFrom(mpesa.OwnRoutes()).Draw(t, "route"), amount(t))
	case 1:
		c.Asked = mpesa.SettlementTask(m.bill)
	case 2:
		c.Asked = mpesa.WithdrawalTask(m.bill, amount(t))
	default:
		p := m.draw(t)
		if !p.Kind.MovesMoney() {
			t.Skip("queries are not initiated on the portal")
		}
		p.Details = mpesa.Details{TransactionType: p.Details.TransactionType, Original: p.Details.Original, OriginalID: p.Details.OriginalID}
		c.Asked = p
	}
	m.do(t, c)
	if c.Refused != nil {
		same(t, "payment of what was refused", c.Payment, mpesa.Payment{})
		return
	}
	same(t, "waits", c.Payment.State == mpesa.Approving, c.Payment.Amount > approval.Free)
	var made *mpesa.Payment
	if c.Task.Made() {
		made = &c.Payment
	}
	m.noteTask(t, c.Task, made)
}

// noteTask notes how a task stands now, and the payment that it has become.
func (m *model) noteTask(t *rapid.T, task portal.Task, made *mpesa.Payment) {
	m.tasks[task.ID] = task
	same(t, "whether there is a payment", made != nil, task.Made())
	if made != nil {
		m.note(t, *made)
	} else {
		m.note(t, task.Payment)
	}
}

func (m *model) isTask(p mpesa.Payment) bool {
	_, is := m.tasks[p.ID]
	return is
}

// decide has one or two managers decide on a task at the same time.
func (m *model) decide(t *rapid.T) {
	tasks := maps.Clone(m.waiting)
	maps.DeleteFunc(tasks, func(_ int64, p mpesa.Payment) bool { return p.State != mpesa.Approving })
	if len(tasks) == 0 {
		t.Skip("nothing waits for an approval")
	}
	task := some(t, tasks)
	var commands []mpesa.Command
	for range rapid.IntRange(1, 2).Draw(t, "managers") {
		commands = append(commands, &portal.DecideTask{By: m.operator(t), Number: task.ID, Approve: !seldom(t, "reject"), Reason: "no"})
	}
	m.do(t, commands...)
	decided := 0
	for _, x := range commands {
		c := x.(*portal.DecideTask)
		_, forbidden := errors.AsType[*portal.Forbidden](c.Refused)
		_, late := errors.AsType[*portal.NotWaiting](c.Refused)
		if own := c.By.Operator.Username == task.Details.Initiator; own && !forbidden && !late || c.Refused != nil && !forbidden && !late {
			t.Errorf("%s on %+v: %v", c.By.Operator.Username, task, c.Refused)
		}
		if c.Refused == nil {
			decided++
		}
	}
	if decided > 0 {
		m.look(t, task.ID)
	}
}

// endTask sees that nothing was done without those who had to approve it.
func (m *model) endTask(t *rapid.T, p mpesa.Payment) {
	needed := portal.Approvers((&mpesa.Organisation{Approval: approval}), &p)
	approvals := m.tasks[p.ID].Approvals
	if p.State == mpesa.Completed && len(approvals) != needed {
		t.Errorf("it needs %d approvals: %+v", needed, p)
	}
	for i, a := range approvals {
		if a.By == p.Details.Initiator || i > 0 && a.By == approvals[0].By {
			t.Errorf("%s may not approve %+v", a.By, p)
		}
	}
}

// endOwn notes what a task moved between an organisation's own accounts, or to its bank.
func (m *model) endOwn(t *rapid.T, p, before mpesa.Payment, reserved money.Amount) {
	m.endTask(t, p)
	var out money.Amount
	for _, x := range must[[]mpesa.Transfer](t)(m.Transfers(t.Context(), p.ID)) {
		m.move(x.Debit, x.Credit, x.Amount)
		if x.Debit.Kind() != mpesa.Settlement {
			out += x.Amount
		}
	}
	want := p.Amount
	if p.State != mpesa.Completed {
		want = 0
	}
	same(t, "moved", out, want)
	if waited := before.ID != 0; waited {
		same(t, "amount", p.Amount, reserved)
	}
}

package controlapi

import (
	"context"
	"errors"
	"github.com/kivuko/kivuko/internal/money"
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
)

// What operators initiate on the portal, and others approve or reject (BusinessToPochi, FAQ 8).

// initiate has an operator initiate a task.
func (s *server) initiate(r *request[inOrganisation, control.NewTask]) (*control.Task, error) {
	asked, err := s.readTask(r)
	if err != nil {
		return nil, err
	}
	c, err := s.submit(r.Request, r.By, asked)
	if err != nil {
		return nil, err
	}
	return s.shownTask(r.Request, c.Task, &c.Payment), nil
}

// actingFor reads who asks, and the organisation that the path names.
func (s *server) actingFor(r *http.Request) (by mpesa.Actor, o *mpesa.Organisation, err error) {
	if o, err = s.findOrganisation(r); err != nil {
		return by, nil, err
	}
	by, err = actorOf(r, o.Shortcode)
	return by, o, err
}

// seeing reads the same, of somebody who wants to see something that takes a right.
func (s *server) seeing(r *http.Request, right portal.Right, action, subject string) (by mpesa.Actor, o *mpesa.Organisation, err error) {
	if by, o, err = s.actingFor(r); err != nil {
		return by, nil, err
	}
	return by, o, s.authorised(r, by, right, action, subject)
}

// submit has an actor initiate a task.
func (s *server) submit(r *http.Request, by mpesa.Actor, asked mpesa.Payment) (*portal.Initiate, error) {
	c := &portal.Initiate{By: by, Asked: asked}
	if err := s.spend(r, c, &c.Payment.Header, &c.Refused); err != nil {
		return nil, err
	}
	if c.Unknown {
		return nil, unknownOrganisation(by.Operator.Shortcode)
	}
	if d, ok := errors.AsType[*portal.Declined](c.Refused); ok {
		o, err := store.Get(r.Context(), s.Store, mpesa.Registry, by.Operator.Shortcode)
		if err != nil {
			return nil, err
		}
		return nil, declined.of(string(blamed(o, &asked, d)), "%s (result %s)", d.Reason, d.Result)
	}
	return c, c.Refused
}

// onTask names a task.
type onTask struct {
	ID int64 `path:"id" jsonschema:"minimum=1" doc:"The payment's number."`
	inOrganisation
}

// approveTask has an operator approve a task.
func (s *server) approveTask(r *request[onTask, none]) (*control.Task, error) {
	return s.decideTask(&r.asked, &portal.DecideTask{By: r.By, Approve: true, Number: r.Query.ID})
}

// rejectTask has an operator reject a task.
func (s *server) rejectTask(r *request[onTask, control.Rejection]) (*control.Task, error) {
	return s.decideTask(&r.asked, &portal.DecideTask{By: r.By, Number: r.Query.ID, Reason: r.Body.Reason})
}

func (s *server) decideTask(r *asked, c *portal.DecideTask) (*control.Task, error) {
	if err := s.spend(r.Request, c, &c.Payment.Header, &c.Refused); err != nil {
		return nil, err
	}
	if c.Unknown {
		return nil, unknownTask(r.Organisation, c.Number)
	}
	if late, ok := errors.AsType[*portal.NotWaiting](c.Refused); ok {
		return nil, conflict.problem("%v", late)
	}
	if c.Refused != nil {
		return nil, c.Refused
	}
	return s.shownTask(r.Request, c.Task, &c.Payment), nil
}

func unknownTask(o *mpesa.Organisation, id int64) *control.Problem {
	return notFound.problem("%s has no task %d", o.Shortcode, id)
}

// getTask shows a task.
func (s *server) getTask(r *request[onTask, none]) (*control.Task, error) {
	id := r.Query.ID
	_, o, err := s.seeing(r.Request, portal.ViewMoney, "view task", "")
	if err != nil {
		return nil, err
	}
	t, err := store.Get(r.Context(), s.Store, portal.Tasks, id)
	if err != nil {
		return nil, err
	}
	if t == nil || t.Business != o.Shortcode {
		return nil, unknownTask(o, id)
	}
	shown, err := s.task(r.Context(), o, *t, nil)
	return &shown, err
}

// tasksQuery selects a page of tasks.
type tasksQuery struct {
	inOrganisation
	State     control.TaskList `query:"state" is:"task list" default:"waiting" doc:"Those that wait when it is missing."`
	Initiator string           `query:"initiator" is:"username" doc:"Only what this operator has initiated."`
	fromNumber
	limited
}

// listTasks lists what waits for an approval, or what has been initiated and no longer does, newest first.
func (s *server) listTasks(r *request[tasksQuery, none]) (*control.Page[control.Task], error) {
	q := &r.Query
	_, o, err := s.seeing(r.Request, portal.ViewMoney, "view tasks", "")
	if err != nil {
		return nil, err
	}
	decided := q.State == control.TasksDecided
	list, err := s.Store.Tasks(r.Context(), store.TaskFilter{Business: o.Shortcode, Waiting: !decided, Decided: decided, Initiator: q.Initiator},
		store.Page{Before: q.After, Limit: q.Limit + 1})
	if err != nil {
		return nil, err
	}
	list, next := cut(list, q.Limit, func(t portal.Task) string { return inOrder(t.ID) })
	shown := &control.Page[control.Task]{Items: []control.Task{}, Next: next}
	for _, t := range list {
		x, err := s.task(r.Context(), o, t, nil)
		if err != nil {
			return nil, err
		}
		shown.Items = append(shown.Items, x)
	}
	return shown, nil
}

// task shows a task. made is the payment that it has become; nil: it is still to be read, if there is one.
func (s *server) task(ctx context.Context, o *mpesa.Organisation, t portal.Task, made *mpesa.Payment) (shown control.Task, err error) {
	p := made
	if p == nil {
		if p, err = s.made(ctx, &t); err != nil {
			return shown, err
		}
	}
	shown = control.Task{
		ID: p.ID, Task: p.Kind.String(), Title: p.Details.TransactionType, State: control.State(p.State.String()), Amount: control.Amount(p.Amount), Account: p.Details.Reference,
		Remarks: p.Details.Description, Original: p.Details.OriginalID, Initiator: p.Details.Initiator, Approvals: approvals(&t),
		Since: control.At(p.AcceptedAt), EndedAt: control.At(p.FinishedAt), Result: string(p.Result), Reason: p.Reason, Receipt: s.identifiers(p).receipt,
	}
	if kind, known := portal.FindTaskKind(p); known {
		shown.Task, shown.Title = kind.Name, kind.Title
	}
	if p.Kind == mpesa.Bulk {
		shown.Title = "Bulk payments"
	}
	shown.Expires, shown.Missing = missing(o, &t)
	if t.State == mpesa.Approving {
		held, err := store.Held(ctx, s.Store, t.ID)
		if err != nil {
			return shown, err
		}
		for _, r := range held {
			shown.Held = append(shown.Held, control.Funds{Account: r.Account.Kind().String(), Amount: control.Amount(r.Amount)})
		}
	}
	shown.From, shown.To, err = s.taskParties(ctx, p)
	return shown, err
}

// made reads the payment that a task has become. It is the one that the task is to become while there is none.
func (s *server) made(ctx context.Context, t *portal.Task) (*mpesa.Payment, error) {
	if t.Made() {
		if p, err := store.Get(ctx, s.Store, mpesa.Payments, t.ID); p != nil || err != nil {
			return p, err
		}
	}
	return &t.Payment, nil
}

// approvals lists who has approved a task.
func approvals(t *portal.Task) []control.Approval {
	list := []control.Approval{}
	for _, a := range t.Approvals {
		list = append(list, control.Approval{By: a.By, At: control.At(a.At)})
	}
	return list
}

// missing tells until when a task waits, and for how many approvals; zero when it doesn't.
func missing(o *mpesa.Organisation, t *portal.Task) (until control.Time, n int) {
	if t.State != mpesa.Approving {
		return until, 0
	}
	return control.At(t.DueAt), max(portal.Approvers(o, &t.Payment)-len(t.Approvals), 1)
}

// taskParties says where a task's money comes from and where it goes.
func (s *server) taskParties(ctx context.Context, p *mpesa.Payment) (from, to string, err error) {
	switch p.Kind {
	case mpesa.OwnMove:
		return p.Details.Route.From.String(), p.Details.Route.To.String(), nil
	case mpesa.RevenueSettled:
		return mpesa.Utility.String() + " and " + mpesa.Merchant.String(), mpesa.Working.String(), nil
	case mpesa.Withdrawal:
		return mpesa.Working.String(), "the bank", nil
	case mpesa.Bulk:
		return mpesa.Utility.String(), "many customers", nil
	case mpesa.Reversal:
		if from, err = s.partyName(ctx, p.Payer, p.Details.Payer); err == nil && p.Payee != 0 {
			to, err = s.partyName(ctx, p.Payee, p.Details.Payee)
		} else if err == nil {
			to, err = s.originalPayer(ctx, p)
		}
		return from, to, err
	}
	op, _ := mpesa.FindOperation(p.Kind, p.Details.TransactionType)
	to, err = s.partyName(ctx, p.Payee, p.Details.Payee)
	return op.From.String(), to, err
}

// originalPayer is the party that gets back what it paid.
func (s *server) originalPayer(ctx context.Context, p *mpesa.Payment) (string, error) {
	original, err := store.Get(ctx, s.Store, mpesa.Payments, p.Details.Original)
	if err != nil || original == nil {
		return "", err
	}
	return s.partyName(ctx, original.Payer, original.Details.Payer)
}

// getApproval shows which tasks need whose approval.
func (s *server) getApproval(r *request[inOrganisation, none]) (*control.ApprovalPolicy, error) {
	_, o, err := s.seeing(r.Request, portal.SetApproval, "view approval", "")
	if err != nil {
		return nil, err
	}
	return &control.ApprovalPolicy{Free: control.Amount(o.Approval.Free), Second: control.Amount(o.Approval.Second)}, nil
}

// putApproval changes that.
func (s *server) putApproval(r *request[inOrganisation, control.ApprovalChange]) (*control.ApprovalPolicy, error) {
	c := &portal.ChangeApproval{By: r.By, Free: (*money.Amount)(r.Body.Free), Second: (*money.Amount)(r.Body.Second)}
	if err := s.keep(r.Context(), c); err != nil {
		return nil, err
	}
	if c.Unknown {
		return nil, unknownOrganisation(r.Organisation.Shortcode)
	}
	if d, refused := errors.AsType[*portal.Declined](c.Refused); refused {
		return nil, badField.of("second", "%s", d.Reason)
	}
	return &control.ApprovalPolicy{Free: control.Amount(c.Changed.Approval.Free), Second: control.Amount(c.Changed.Approval.Second)}, c.Refused
}

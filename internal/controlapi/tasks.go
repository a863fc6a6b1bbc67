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

// maxTasksScan bounds the entries of the audit that are looked through for a page of tasks that have been decided on.
const maxTasksScan = 5000

// initiate has an operator initiate a task.
func (s *server) initiate(r *request[inOrganisation, control.NewTask]) (*control.Task, error) {
	task, err := s.readTask(r)
	if err != nil {
		return nil, err
	}
	p, err := s.submit(r.Request, r.By, task)
	if err != nil {
		return nil, err
	}
	return s.shownTask(r.Request, p), nil
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

// submit has an actor initiate a task, and gives the payment as it waits or has ended.
func (s *server) submit(r *http.Request, by mpesa.Actor, task mpesa.Payment) (mpesa.Payment, error) {
	c := &portal.Initiate{By: by, Task: task}
	if err := s.spend(r, c, &c.Payment, &c.Refused); err != nil {
		return mpesa.Payment{}, err
	}
	if c.Unknown {
		return mpesa.Payment{}, unknownOrganisation(by.Operator.Shortcode)
	}
	if d, ok := errors.AsType[*portal.Declined](c.Refused); ok {
		o, err := store.Get(r.Context(), s.Store, mpesa.Registry, by.Operator.Shortcode)
		if err != nil {
			return mpesa.Payment{}, err
		}
		return mpesa.Payment{}, declined.of(string(blamed(o, &task, d)), "%s (result %s)", d.Reason, d.Result)
	}
	return c.Payment, c.Refused
}

// onTask names a task.
type onTask struct {
	ID int64 `path:"id" jsonschema:"minimum=1" doc:"The payment's number."`
	inOrganisation
}

// approveTask has an operator approve a task.
func (s *server) approveTask(r *request[onTask, none]) (*control.Task, error) {
	return s.decideTask(&r.asked, &portal.DecideTask{By: r.By, Approve: true, Task: r.Query.ID})
}

// rejectTask has an operator reject a task.
func (s *server) rejectTask(r *request[onTask, control.Rejection]) (*control.Task, error) {
	return s.decideTask(&r.asked, &portal.DecideTask{By: r.By, Task: r.Query.ID, Reason: r.Body.Reason})
}

func (s *server) decideTask(r *asked, c *portal.DecideTask) (*control.Task, error) {
	if err := s.spend(r.Request, c, &c.Payment, &c.Refused); err != nil {
		return nil, err
	}
	if c.Unknown {
		return nil, unknownTask(r.Organisation, c.Task)
	}
	if late, ok := errors.AsType[*portal.NotWaiting](c.Refused); ok {
		return nil, conflict.problem("%v", late)
	}
	if c.Refused != nil {
		return nil, c.Refused
	}
	return s.shownTask(r.Request, c.Payment), nil
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
	p, err := store.Get(r.Context(), s.Store, mpesa.Payments, id)
	if err != nil {
		return nil, err
	}
	if p == nil || p.Business != o.Shortcode || !p.IsTask() {
		return nil, unknownTask(o, id)
	}
	shown, err := s.task(r.Context(), o, *p)
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
	find := s.waitingTasks
	if q.State == control.TasksDecided {
		find = s.decidedTasks
	}
	list, next, err := find(r.Context(), o, q.Initiator, store.Page{Before: q.After, Limit: q.Limit})
	if err != nil {
		return nil, err
	}
	shown := &control.Page[control.Task]{Items: []control.Task{}, Next: next}
	for _, p := range list {
		x, err := s.task(r.Context(), o, p)
		if err != nil {
			return nil, err
		}
		shown.Items = append(shown.Items, x)
	}
	return shown, nil
}

// waitingTasks lists what waits for an approval: few do.
func (s *server) waitingTasks(ctx context.Context, o *mpesa.Organisation, initiator string, p store.Page) (list []mpesa.Payment, next string, err error) {
	limit := p.Limit
	for p.Limit = maxPage; ; {
		rows, err := s.Store.Payments(ctx, store.PaymentFilter{Business: o.Shortcode, State: new(mpesa.Approving)}, p)
		if err != nil {
			return nil, "", err
		}
		for _, x := range rows {
			if p.Before = x.ID; initiator == "" || x.Details.Initiator == initiator {
				list = append(list, x)
			}
		}
		if len(list) > limit || len(rows) < p.Limit {
			list, next = cut(list, limit, func(p mpesa.Payment) string { return inOrder(p.ID) })
			return list, next, nil
		}
	}
}

// decidedTasks finds what has been initiated by the organisation's audit. Its page goes on from a number of the audit's.
func (s *server) decidedTasks(ctx context.Context, o *mpesa.Organisation, initiator string, p store.Page) (list []mpesa.Payment, next string, err error) {
	limit, looked := p.Limit, 0
	for p.Limit = maxPage; looked < maxTasksScan; {
		entries, err := s.Store.Audit(ctx, o.Shortcode, p)
		if err != nil {
			return nil, "", err
		}
		for i := range entries {
			e := &entries[i]
			p.Before = e.ID
			looked++
			id := portal.TaskOf(e)
			if id == 0 || initiator != "" && e.Username != initiator {
				continue
			}
			task, err := store.Get(ctx, s.Store, mpesa.Payments, id)
			if err != nil {
				return nil, "", err
			}
			if task == nil || task.State == mpesa.Approving || !task.IsTask() {
				continue
			}
			if len(list) == limit {
				return list, next, nil
			}
			list, next = append(list, *task), inOrder(e.ID)
		}
		if len(entries) < p.Limit {
			return list, "", nil
		}
	}
	return list, inOrder(p.Before), nil
}

// task shows a task.
func (s *server) task(ctx context.Context, o *mpesa.Organisation, p mpesa.Payment) (control.Task, error) {
	shown := control.Task{
		ID: p.ID, Task: p.Kind.String(), Title: p.Details.TransactionType, State: control.State(p.State.String()), Amount: control.Amount(p.Amount), Account: p.Details.Reference,
		Remarks: p.Details.Description, Original: p.Details.OriginalID, Initiator: p.Details.Initiator, Approvals: []control.Approval{},
		Since: control.At(p.AcceptedAt), EndedAt: control.At(p.FinishedAt), Result: string(p.Result), Reason: p.Reason, Receipt: s.identifiers(p).receipt,
	}
	if kind, known := portal.FindTaskKind(&p); known {
		shown.Task, shown.Title = kind.Name, kind.Title
	}
	if p.Kind == mpesa.Bulk {
		shown.Title = "Bulk payments"
	}
	for _, a := range p.Details.Approvals {
		shown.Approvals = append(shown.Approvals, control.Approval{By: a.By, At: control.At(a.At)})
	}
	if p.State == mpesa.Approving {
		shown.Expires = control.At(p.DueAt)
		shown.Missing = max(portal.Approvers(o, &p)-len(p.Details.Approvals), 1)
		for _, f := range p.Details.Reserved {
			shown.Held = append(shown.Held, control.Funds{Account: f.Kind.String(), Amount: control.Amount(f.Balance)})
		}
	}
	var err error
	shown.From, shown.To, err = s.taskParties(ctx, &p)
	return shown, err
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

// originalPayer is whoever gets back what he paid.
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

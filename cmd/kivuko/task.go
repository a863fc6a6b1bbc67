package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/outcome"
)

// task is what is done with what operators have initiated.
type task struct {
	List    taskList    `cmd:"" help:"List what waits for an approval, or what no longer does."`
	Show    taskShow    `cmd:"" help:"Show a task."`
	Approve taskApprove `cmd:"" help:"Approve what another operator has initiated."`
	Reject  taskReject  `cmd:"" help:"Reject what another operator has initiated."`
}

// taskFlags are those of the commands for one task.
type taskFlags struct {
	orgFlags
	ID int64 `arg:"" help:"The task's number."`
}

type taskList struct {
	orgFlags
	Decided   bool   `help:"List what no longer waits."`
	Initiator string `placeholder:"USERNAME" help:"List only what this operator has initiated."`
	After     string `placeholder:"PLACE" help:"Go on where an earlier list ended."`
	Limit     int    `default:"50" help:"List at most so many, from 1 to 1000."`
}

func (x *taskList) Run(ctx context.Context, out io.Writer) error {
	q := control.TaskQuery{State: "waiting", Initiator: x.Initiator, After: x.After, Limit: x.Limit}
	if x.Decided {
		q.State = "decided"
	}
	return shown(x, out, func(c *control.Client) (*control.Page[control.Task], error) { return c.Tasks(ctx, x.Shortcode, q) }, writeTasks)
}

func writeTasks(w io.Writer, list *control.Page[control.Task]) {
	table(w, list.Items, "no tasks", "TASK, WHAT, AMOUNT, TO, BY, SINCE, STATE", func(t *control.Task) {
		row(w, t.ID, t.Title, shillings(t.Amount), t.To, person(t.Initiator), moment(t.Since), taskState(t))
	})
	more(w, list.Next)
}

// person is an operator's name.
func person(username string) string {
	if username == "" {
		return "(Kivuko's administrator)"
	}
	return username
}

// taskState says how a task stands.
func taskState(t *control.Task) string {
	o := outcome.OfTask(t)
	if o.Reason != "" {
		return string(t.State) + ": " + o.Reason
	}
	return o.Line
}

func writeTask(w io.Writer, t *control.Task) {
	row(w, fmt.Sprintf("task %d, %s", t.ID, t.Title))
	row(w, "  amount", shillings(t.Amount))
	row(w, "  from", t.From)
	row(w, "  to", t.To)
	fact(w, "  account", t.Account)
	fact(w, "  takes back", t.Original)
	fact(w, "  remarks", t.Remarks)
	row(w, "  initiated by", person(t.Initiator)+" on "+moment(t.Since))
	for _, f := range t.Held {
		row(w, "  held", shillings(f.Amount)+" in "+f.Account)
	}
	var by []string
	for _, a := range t.Approvals {
		by = append(by, person(a.By))
	}
	fact(w, "  approved by", strings.Join(by, ", "))
	row(w, "  state", taskState(t))
	fact(w, "  expires", moment(t.Expires))
	fact(w, "  receipt", t.Receipt)
}

type taskShow struct{ taskFlags }

func (x *taskShow) Run(ctx context.Context, out io.Writer) error {
	return x.done(out, func(c *control.Client) (*control.Task, error) { return c.Task(ctx, x.Shortcode, x.ID) })
}

type taskApprove struct {
	taskFlags
	onceFlag
}

// Run approves. It fails when the task could then not be carried out.
func (x *taskApprove) Run(ctx context.Context, out io.Writer) error {
	return x.moved(out, func(c *control.Client) (*control.Task, error) { return c.Approve(x.once(ctx), x.Shortcode, x.ID) })
}

type taskReject struct {
	taskFlags
	onceFlag
	Reason string `arg:"" help:"Why: 2 to 100 characters."`
}

func (x *taskReject) Run(ctx context.Context, out io.Writer) error {
	return x.done(out, func(c *control.Client) (*control.Task, error) {
		return c.Reject(x.once(ctx), x.Shortcode, x.ID, x.Reason)
	})
}

// done does something with a task and shows it.
func (f orgFlags) done(out io.Writer, do func(*control.Client) (*control.Task, error)) error {
	return shown(f, out, do, writeTask)
}

// moved is done of what is to move money, and fails when it did not.
func (f orgFlags) moved(out io.Writer, do func(*control.Client) (*control.Task, error)) error {
	failed := false
	err := f.done(out, func(c *control.Client) (*control.Task, error) {
		t, err := do(c)
		failed = err == nil && t.State == control.Failed
		return t, err
	})
	if failed {
		return errNothingMoved
	}
	return err
}

package organisation

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/outcome"
)

func taskRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/tasks":               signedIn(listTasks),
		"GET /organisation/tasks/{id}":          signedIn(showTask),
		"POST /organisation/tasks/{id}/approve": signedIn(approveTask),
		"GET /organisation/tasks/{id}/approve":  signedIn(showTask),
		"POST /organisation/tasks/{id}/reject":  signedIn(rejectTask),
		"GET /organisation/tasks/{id}/reject":   signedIn(showTask),
		"GET /organisation/approval":            signedIn(setApproval),
		"POST /organisation/approval":           signedIn(setApproval),
	}
}

func taskPath(id int64) string { return "/organisation/tasks/" + strconv.FormatInt(id, 10) }

// The lists of tasks, by their names in the URL.
const (
	groupTasks   = ""
	ownTasks     = "own"
	decidedTasks = "decided"
)

// tasksPage is what a list of tasks shows.
type tasksPage struct {
	*portal
	*control.Page[control.Task]
	List, Here, Older string
}

// listTasks lists what waits for the group, what the operator has initiated, or what has been decided on.
func listTasks(q *page.Request, p *portal) error {
	ask := control.TaskQuery{After: place(q), Limit: 50}
	shown := tasksPage{portal: p, List: q.Value("list"), Here: q.HTTP.URL.RequestURI()}
	switch shown.List {
	case ownTasks:
		ask.Initiator = p.Username
	case decidedTasks:
		ask.State = "decided"
	default:
		shown.List = groupTasks
	}
	var err error
	if shown.Page, err = q.API().Tasks(q.HTTP.Context(), p.Shortcode, ask); err != nil {
		return err
	}
	if next := shown.Next; next != "" {
		shown.Older = "/organisation/tasks?" + url.Values{"list": {shown.List}, "after": {next}}.Encode()
	}
	return q.Show("tasks", shown)
}

// taskPage is what the page of a task shows.
type taskPage struct {
	*portal
	*control.Task
	Decidable bool // by this operator, as far as their roles and name tell
	Own       bool // they have initiated it
}

// taskID is the number of the task that the path names.
func taskID(q *page.Request) (int64, error) {
	id, err := strconv.ParseInt(q.Value("id"), 10, 64)
	if err != nil {
		return 0, &control.Problem{Status: http.StatusNotFound, Title: "There is no such task", Detail: "A task has a number."}
	}
	return id, nil
}

func theTask(q *page.Request, p *portal) (shown taskPage, err error) {
	id, err := taskID(q)
	if err != nil {
		return shown, err
	}
	shown.portal = p
	if shown.Task, err = q.API().Task(q.HTTP.Context(), p.Shortcode, id); err != nil {
		return shown, err
	}
	shown.Own = shown.Initiator == p.Username
	shown.Decidable = p.decides(shown.Task.State, shown.Initiator, shown.Approvals)
	return shown, nil
}

// decides reports whether the operator may decide on a task or a bulk file, as far as their roles and name tell.
func (p *portal) decides(state control.State, initiator string, approvals []control.Approval) bool {
	return state == control.Approving && p.May(control.ApproveTasks) && initiator != p.Username &&
		!slices.ContainsFunc(approvals, func(a control.Approval) bool { return a.By == p.Username })
}

// showTask shows a task.
func showTask(q *page.Request, p *portal) error {
	shown, err := theTask(q, p)
	if err != nil {
		return err
	}
	return q.Show("task", shown)
}

// approveTask approves a task.
func approveTask(q *page.Request, p *portal) error { return decideTask(q, p, p.approve) }

// rejectTask rejects a task.
func rejectTask(q *page.Request, p *portal) error { return decideTask(q, p, p.reject) }

// decideTask decides on a task and shows it. An operator who was too late is told so, beside how it stands now.
func decideTask(q *page.Request, p *portal, decide decision) error {
	id, err := taskID(q)
	if err != nil {
		return err
	}
	if err := decide(q, id); err != nil {
		now, unknown := theTask(q, p)
		if unknown != nil {
			return unknown
		}
		return q.Refused("task", now, err)
	}
	return q.Redirect(taskPath(id))
}

// decision decides on a task, which a bulk file is too, and has the next page say what came of it.
type decision func(q *page.Request, id int64) error

func (p *portal) approve(q *page.Request, id int64) error {
	done, err := q.API().Approve(q.HTTP.Context(), p.Shortcode, id)
	if err == nil {
		q.Flash("Approved. " + outcome.OfTask(done).Text)
	}
	return err
}

func (p *portal) reject(q *page.Request, id int64) error {
	_, err := q.API().Reject(q.HTTP.Context(), p.Shortcode, id, q.Form().Get("reason"))
	if err == nil {
		q.Flash("Rejected.")
	}
	return err
}

// setApproval shows which tasks need whose approval, and changes that.
func setApproval(q *page.Request, p *portal) error {
	f := q.Form()
	if f.Posted() {
		typed := map[string]string{"free": zero(f.Get("free")), "second": zero(f.Get("second"))}
		err := q.Call(http.MethodPut, p.path("approval"), typed, new(control.ApprovalPolicy))
		if err != nil {
			return q.Refused("approval", p, err)
		}
		q.Flash("Saved.")
		return q.Redirect("/organisation/approval")
	}
	policy, err := q.API().Approval(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	f.Set("free", policy.Free.String())
	f.Set("second", policy.Second.String())
	return q.Show("approval", p)
}

// zero is what an empty field of the policy means.
func zero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

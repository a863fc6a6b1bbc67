package control

import (
	"context"
	"iter"
	"net/http"
	"strconv"
)

// Task is a payment that was initiated on the portal: what waits there for another operator's approval, or has been decided.
type Task struct {
	ID        int64      `json:"id" jsonschema:"minimum=1" doc:"The payment's number."`
	Task      string     `json:"task" doc:"Kind, by its name: \"BusinessPayment\", \"move\"."`
	Title     string     `json:"title"`
	State     State      `json:"state" doc:"Approving, queued, completed or failed."`
	Amount    Amount     `json:"amount"`
	From      string     `json:"from" doc:"Account that the money comes from, or the party that pays it back."`
	To        string     `json:"to" doc:"The party that gets it, by number and name; or an account."`
	Account   string     `json:"account,omitempty" doc:"Number by which the receiver knows what it is for."`
	Remarks   string     `json:"remarks,omitempty"`
	Original  string     `json:"original,omitempty" doc:"Receipt of the payment that is taken back."`
	Initiator string     `json:"initiator" doc:"The operator; empty: the administrator."`
	Held      []Funds    `json:"held,omitempty" doc:"While it waits: what is reserved in which accounts."`
	Approvals []Approval `json:"approvals" doc:"So far."`
	Missing   int        `json:"missing" doc:"Approvals that it waits for."`
	Since     Time       `json:"since"`
	Expires   Time       `json:"expires,omitzero" doc:"While it waits for an approval."`
	EndedAt   Time       `json:"endedAt,omitzero"`
	Receipt   string     `json:"receipt,omitempty" doc:"Once it is completed."`
	Result    string     `json:"result,omitempty" doc:"Once it has ended."`
	Reason    string     `json:"reason,omitempty" doc:"Why it failed."`
}

// Funds are an amount in an account of an organisation.
type Funds struct {
	Account string `json:"account"`
	Amount  Amount `json:"amount"`
}

// Approval is that an operator approved a task.
type Approval struct {
	By string `json:"by" doc:"The operator; empty: the administrator."`
	At Time   `json:"at"`
}

// NewTask is what is to be initiated. Which fields a kind has TaskKinds tells.
type NewTask struct {
	Task    string      `json:"task" is:"task" doc:"What kind: see tasks/kinds."`
	From    AccountWord `json:"from,omitempty" is:"task field" doc:"Working, utility, merchant or float."`
	To      string      `json:"to,omitempty" is:"task field" doc:"A customer's number, a shortcode, or an account of one's own."`
	Account string      `json:"account,omitempty" is:"task field" jsonschema:"minLength=1,maxLength=13"`
	Amount  string      `json:"amount,omitempty" is:"task field" doc:"In shillings."`
	Receipt string      `json:"receipt,omitempty" is:"task field" doc:"Of the payment that is taken back."`
	Remarks string      `json:"remarks,omitempty" is:"task field" jsonschema:"minLength=2,maxLength=100"`
}

// TaskKinds is what can be initiated for an organisation.
type TaskKinds struct {
	Kinds   []TaskKind `json:"kinds"`
	Routes  []Route    `json:"routes" doc:"Of \"move\"."`
	Revenue Revenue    `json:"revenue" doc:"Of \"settle\": what it would do now."`
}

// TaskKind is something that can be initiated.
type TaskKind struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Fields []string `json:"fields" doc:"In order."`
	Needed []string `json:"needed" doc:"Those that may not be left out."`
	Payee  string   `json:"payee" jsonschema:"enum=customer,enum=business,enum=account,enum=" doc:"What to is."`
	Right  Right    `json:"right" doc:"That an operator needs to initiate it."`
}

// Route is a way that money may take between an organisation's own accounts.
type Route struct {
	From  AccountWord `json:"from" doc:"Working, utility, merchant or float."`
	To    AccountWord `json:"to"`
	Title string      `json:"title" doc:"What a task along it is called."`
}

// Revenue is what a settlement would do.
type Revenue struct {
	Amount  Amount `json:"amount" doc:"In Utility and Merchant, and not reserved."`
	Clears  Amount `json:"clears" doc:"Of what Charges Paid owes."`
	Working Amount `json:"working" doc:"The rest."`
}

// TaskQuery selects tasks.
type TaskQuery struct {
	State     TaskList // "waiting" (also ""), or "decided"
	Initiator string   // "": any
	After     string
	Limit     int
}

// ApprovalPolicy says which of an organisation's tasks need whose approval.
type ApprovalPolicy struct {
	Free   Amount `json:"free" doc:"A task of at most that needs nobody's; 0: every task needs somebody's."`
	Second Amount `json:"second" doc:"A task of more needs those of two operators; 0: none does."`
}

// Initiate initiates a task, for the operator that the client acts as. It then waits for another one's approval, or is carried out where
// it needs none.
func (c *Client) Initiate(ctx context.Context, shortcode string, t NewTask) (*Task, error) {
	return send[Task](ctx, c, http.MethodPost, organisationPath(shortcode, "/tasks"), t)
}

// Tasks lists tasks.
func (c *Client) Tasks(ctx context.Context, shortcode string, q TaskQuery) (*Page[Task], error) {
	return get[Page[Task]](ctx, c, query(organisationPath(shortcode, "/tasks"), "state", q.State, "initiator", q.Initiator, "after", q.After, "limit", q.Limit))
}

// AllTasks goes through all pages of Tasks.
func (c *Client) AllTasks(ctx context.Context, shortcode string, q TaskQuery) iter.Seq2[Task, error] {
	return every(&q.After, func() (*Page[Task], error) { return c.Tasks(ctx, shortcode, q) })
}

// Task shows a task.
func (c *Client) Task(ctx context.Context, shortcode string, id int64) (*Task, error) {
	return get[Task](ctx, c, task(shortcode, id))
}

// TaskKinds tells what can be initiated.
func (c *Client) TaskKinds(ctx context.Context, shortcode string) (*TaskKinds, error) {
	return get[TaskKinds](ctx, c, organisationPath(shortcode, "/tasks/kinds"))
}

// Approve approves what another operator has initiated. When somebody else was faster it is a *Problem with status 409.
func (c *Client) Approve(ctx context.Context, shortcode string, id int64) (*Task, error) {
	return send[Task](ctx, c, http.MethodPost, task(shortcode, id)+"/approve", nil)
}

// Reject rejects it.
func (c *Client) Reject(ctx context.Context, shortcode string, id int64, reason string) (*Task, error) {
	return send[Task](ctx, c, http.MethodPost, task(shortcode, id)+"/reject", Rejection{reason})
}

// Approval tells which tasks of an organisation need whose approval.
func (c *Client) Approval(ctx context.Context, shortcode string) (*ApprovalPolicy, error) {
	return get[ApprovalPolicy](ctx, c, organisationPath(shortcode, "/approval"))
}

// PutApproval changes that.
func (c *Client) PutApproval(ctx context.Context, shortcode string, p ApprovalPolicy) (*ApprovalPolicy, error) {
	return send[ApprovalPolicy](ctx, c, http.MethodPut, organisationPath(shortcode, "/approval"), p)
}

func task(shortcode string, id int64) string {
	return organisationPath(shortcode, "/tasks/"+strconv.FormatInt(id, 10))
}

// ApprovalChange changes which of an organisation's tasks need whose approval. What is nil stays.
type ApprovalChange struct {
	Free   *Amount `json:"free,omitempty" is:"threshold"`
	Second *Amount `json:"second,omitempty" is:"threshold"`
}

// Rejection is why a task is rejected.
type Rejection struct {
	Reason string `json:"reason" is:"printed" jsonschema:"minLength=2,maxLength=100"`
}

package mpesa

import (
	"fmt"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/unit"
)

// Queries are what organisations have asked.
var Queries = unit.NewTable[int64, Query]("queries")

// Query asks how a payment stands (wire.md §10), or what the accounts of an organisation hold (wire.md §11). It moves nothing, and has an
// initiator, a turn in the queue and a result as payments by initiators have.
type Query struct {
	Header        `json:"-"`
	Command       string `json:"command"` // CommandID
	Remarks       string `json:"remarks,omitempty"`
	Occasion      string `json:"occasion,omitempty"`
	Initiator     string `json:"initiator,omitempty"`  // the operator's name
	BadCredential string `json:"credential,omitempty"` // what is wrong with the SecurityCredential; "": nothing
	ResultURL     string `json:"url,omitempty"`
	TimeoutURL    string `json:"timeout,omitempty"`       // QueueTimeOutURL
	TimedOut      bool   `json:"timedOut,omitempty"`      // it waited too long, and QueueTimeOutURL is told
	Original      int64  `json:"original,omitempty"`      // what it asks for the status of; 0: there is none
	OriginalID    string `json:"originalID,omitempty"`    // its identifier, as the request has it
	ByOriginator  bool   `json:"byOriginator,omitempty"`  // that is an OriginatorConversationID
	Found         State  `json:"originalState,omitempty"` // of the original, when it was looked at

	Funds []Funds `json:"funds,omitempty"` // what the accounts held
}

// AcceptQuery accepts what an organisation's initiator asks: it waits for its turn, and whatever forbids it shows in its result (wire.md
// §7.1).
type AcceptQuery struct {
	Request Query // its kind, its organisation and what it says

	Query Query // as accepted
}

// Need names the organisation.
func (c *AcceptQuery) Need(v *View) { Organisations.Need(v, c.Request.Business) }

// Decide queues the query.
func (c *AcceptQuery) Decide(v *View, now time.Time) {
	q := c.Request
	q.Payer = q.Business.Party()
	v.queue(&q.Header, now)
	Queries.Create(v, q.ID, q)
	c.Query = q
}

// AnswerQuery is the moment at which a query's turn in the queue has come.
type AnswerQuery struct{ Query int64 }

// Need names the query and what its answer reads.
func (c *AnswerQuery) Need(v *View) {
	if !Queries.Loaded(v, c.Query) {
		Queries.Lead(v, c.Query)
		return
	}
	q, ok := Queries.Get(v, c.Query)
	if !ok || q.State.Final() {
		return
	}
	Organisations.Need(v, q.Business)
	Operators.Need(v, OperatorID{q.Business, q.Initiator})
	v.needSubject(q.Original)
	if q.Kind == BalanceQuery {
		for _, kind := range OrganisationAccounts() {
			Accounts.Need(v, q.Payer.Account(kind))
		}
	}
}

// Decide answers the query, or says what forbids it.
func (c *AnswerQuery) Decide(v *View, now time.Time) {
	q, ok := Queries.Get(v, c.Query)
	if !ok || q.State.Final() || now.UnixMilli() < q.DueAt {
		return // somebody was faster, or it was put off
	}
	told, url := Result, q.ResultURL
	result, reason := v.overdue(&q.Header, now)
	if q.TimedOut = result != codes.Success; q.TimedOut {
		told, url = QueueTimeout, q.TimeoutURL
	} else if result, reason = v.authorise(&q.Header, q.Initiator, q.BadCredential, q.Command, now); result == codes.Success {
		result, reason = v.answer(&q)
	}
	q.Reason = reason
	if result == codes.Success {
		q.end(Completed, result, now)
	} else {
		q.end(Failed, result, now)
	}
	Queries.Put(v, q.ID, q)
	v.deliver(&q.Header, told, url, now)
}

// answer notes what a query asks for, or says why it can't be told. An organisation sees payments that it is a party of (wire.md §10).
func (v *View) answer(q *Query) (codes.Result, string) {
	if q.Kind == BalanceQuery {
		q.Funds = v.funds(q.Payer, OrganisationAccounts()...)
		return codes.Success, ""
	}
	missing := codes.ReceiptUnknown
	if q.ByOriginator {
		missing = codes.OriginatorUnknown
	}
	x := Find(v, q.Original)
	if x == nil {
		return missing, fmt.Sprintf("no payment has the identifier %q", q.OriginalID)
	}
	original := x.Head()
	if original.Payer != q.Payer && original.Payee != q.Payer && original.Business != q.Business {
		return missing, fmt.Sprintf("payment %d is not one of %s", original.ID, q.Business)
	}
	q.Found = original.State
	return codes.Success, ""
}

// OrganisationAccounts lists the accounts that an organisation has, in the order of wire.md §11.
func OrganisationAccounts() []AccountKind {
	return []AccountKind{Working, Float, Utility, ChargesPaid, Merchant, Settlement}
}

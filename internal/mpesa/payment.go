package mpesa

import (
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
	"slices"
)

// Kind is what sort of request something is. The values are stored: add, never renumber.
type Kind int64

// The kinds of payments, and of what moves no money.
const (
	Express        Kind = 1  // M-Pesa Express: asked for by the business, approved on the phone
	Deposit        Kind = 2  // trust to an account
	Withdrawal     Kind = 3  // an account to trust
	C2B            Kind = 4  // a customer pays a business, unasked
	B2C            Kind = 5  // a business pays a customer
	B2Pochi        Kind = 6  // a business pays into a customer's business wallet
	B2B            Kind = 7  // a business pays a business, or moves money between its own accounts by API
	Tax            Kind = 8  // a business pays KRA
	Reversal       Kind = 9  // a payment is taken back
	StatusQuery    Kind = 10 // how a payment stands: a Query
	BalanceQuery   Kind = 11 // what an organisation's accounts hold: a Query
	SendMoney      Kind = 12 // a customer pays a customer
	OwnMove        Kind = 13 // between an organisation's own accounts
	RevenueSettled Kind = 14 // what came in clears Charges Paid, the rest becomes Working
	B2BExpress     Kind = 15 // a business is asked, on its owner's phone, to pay a business; the owner is the payer, Details.From pays
	StandingOrder  Kind = 16 // a customer agrees to pay a business again and again: an Order, whose payments are C2B
	Bulk           Kind = 17 // a file of payments to customers; moves nothing, its payments are B2C
)

var kindNames = map[Kind]string{
	Express: "stkpush", Deposit: "deposit", Withdrawal: "withdrawal", C2B: "c2b", B2C: "b2c", B2Pochi: "b2pochi", B2B: "b2b", Tax: "tax",
	Reversal: "reversal", StatusQuery: "status", BalanceQuery: "balance", SendMoney: "send", OwnMove: "move", RevenueSettled: "settlement",
	B2BExpress: codes.APICheckout, StandingOrder: codes.APIStandingOrder, Bulk: "bulk",
}

func (k Kind) String() string { return kindNames[k] }

// MovesMoney reports whether a completed payment of the kind has transfers.
func (k Kind) MovesMoney() bool {
	return k != StatusQuery && k != BalanceQuery && k != StandingOrder && k != Bulk
}

// AlwaysTold reports whether the result of every payment of the kind is delivered.
func (k Kind) AlwaysTold() bool { return k == Express || k == B2BExpress }

// Initiated reports whether payments of the kind are asked for by an organisation's operator, over an API that answers later.
func (k Kind) Initiated() bool { return k >= B2C && k <= BalanceQuery }

// State is where a payment is in its life (docs/state-machines.md). The values are stored: add, never renumber.
type State int64

// The states. A payment that is Completed or Failed never changes again.
const (
	Prompting  State = 0 // a prompt is open on the phone
	Completed  State = 1 // the money moved
	Failed     State = 2 // nothing moved
	Queued     State = 3 // accepted, and waits for its turn
	Validating State = 4 // the money is held while the business is asked whether it takes it
	Approving  State = 5 // the money is held while another operator of the organisation is asked to approve
)

var stateNames = map[State]string{Prompting: "prompting", Completed: "completed", Failed: "failed", Queued: "queued", Validating: "validating", Approving: "approving"}

func (s State) String() string { return stateNames[s] }

// Final reports whether the payment has its result.
func (s State) Final() bool { return s == Completed || s == Failed }

// Payments are the requests that move money, by their numbers.
var Payments = unit.NewTable[int64, Payment]("payments")

// OpenPrompts are the payments and standing orders whose prompt is open on their payer's phone; 0 where there is none.
var OpenPrompts = unit.NewReference[Party, int64]("open prompts")

// Payment is one request, from its acceptance to its result.
type Payment struct {
	Header
	Previous      int64 // the payment that ended before this one in the payer's chain; 0 is none
	PayeePrevious int64 // the same in the payee's chain
	Details       Details
}

// PreviousOf is the payment that ended before this one in the chain of a party's account; 0: there is none.
func (p *Payment) PreviousOf(owner Party) int64 {
	if _, customer := owner.Phone(); customer && p.Payer == owner {
		return p.Previous
	}
	return p.PayeePrevious
}

// ReceiptAt is the time that dates the receipt and the payment on the wire: when the money moved, or when it was first held.
func (p *Payment) ReceiptAt() int64 {
	if p.Details.ValidatedAt != 0 {
		return p.Details.ValidatedAt
	}
	return p.FinishedAt
}

// KeepsDetails reports whether a payment that isn't new ends with the details that it was accepted with. Writing them again would
// be wasted. One that was held for the business's word has noted that.
func (p *Payment) KeepsDetails() bool {
	return p.Kind == Express && p.State == Completed && !p.Details.Settled && p.Details.ValidatedAt == 0
}

// Details are the parts of a payment that are not looked for: what the request said beyond its parties and its amount, and what
// callbacks and people are told of the outcome.
type Details struct {
	TransactionType string        `json:"type,omitempty"`   // TransactionType or CommandID
	PartyA          msisdn.Number `json:"partyA,omitempty"` // where it isn't the phone's own number
	CallBackURL     string        `json:"url,omitempty"`    // CallBackURL or ResultURL
	Reference       string        `json:"ref,omitempty"`    // account number
	Description     string        `json:"desc,omitempty"`   // TransactionDesc or Remarks

	// Of a request by an initiator:
	Originator    string        `json:"orig,omitempty"`      // the OriginatorConversationID that the client chose; "": ours
	Initiator     string        `json:"initiator,omitempty"` // the operator's name
	BadCredential string        `json:"cred,omitempty"`      // what is wrong with the SecurityCredential; "": nothing
	TimeoutURL    string        `json:"timeout,omitempty"`   // QueueTimeOutURL
	Occasion      string        `json:"occasion,omitempty"`
	Requester     msisdn.Number `json:"requester,omitempty"`  // on whose behalf
	TimedOut      bool          `json:"timedOut,omitempty"`   // it waited too long, and QueueTimeOutURL is told
	Original      int64         `json:"original,omitempty"`   // the payment to reverse, or the standing order or bulk file that a payment is for; 0: there is none
	OriginalID    string        `json:"originalID,omitempty"` // its identifier, as the request has it

	// Of what an operator initiated on the portal:
	Route OwnRoute `json:"route,omitzero"` // of a move between own accounts, or of a deposit

	From Shortcode `json:"from,omitempty"` // of B2B Express: the business that pays
	Bulk BulkFile  `json:"bulk,omitzero"`  // of a bulk file

	// Of a payment that a business is asked about:
	ValidatedAt  int64  `json:"validatedAt,omitempty"` // when it was first asked, milliseconds
	ThirdPartyID string `json:"third,omitempty"`       // ThirdPartyTransID of the validation's answer

	// The outcome, as it stood when the money moved:
	Settled bool         `json:"settled,omitempty"` // the fields below are filled in
	Payer   string       `json:"payer,omitempty"`   // public name
	Payee   string       `json:"payee,omitempty"`   // public name
	Charge  money.Amount `json:"charge,omitempty"`  // what the business pays
	Funds   []Funds      `json:"funds,omitempty"`   // of the accounts that the result tells of
	Masked  int          `json:"masked,omitempty"`  // version of the C2B API that the URLs are registered with: 1 or 2
	Unknown bool         `json:"unknown,omitempty"` // the recipient isn't a registered customer
}

// Funds is what an account held at a time.
type Funds struct {
	Kind    AccountKind  `json:"k"`
	Balance money.Amount `json:"b"`
	Held    money.Amount `json:"h,omitempty"`
}

// Available is what could be spent.
func (f Funds) Available() money.Amount { return f.Balance - f.Held }

// Of finds the account of a kind.
func (d *Details) Of(k AccountKind) (Funds, bool) {
	for _, f := range d.Funds {
		if f.Kind == k {
			return f, true
		}
	}
	return Funds{Kind: k}, false
}

// DeliveryState is where a delivery is in its life. The values are stored: add, never renumber.
type DeliveryState int64

// The states of a delivery.
const (
	Pending   DeliveryState = 0 // to be attempted at DueAt
	Delivered DeliveryState = 1 // the URL answered 2xx
	GivenUp   DeliveryState = 2 // it did not, as often as the policy of the API tries
	Abandoned DeliveryState = 3 // somebody gave it up by hand
)

var deliveryNames = map[DeliveryState]string{Pending: "pending", Delivered: "delivered", GivenUp: "failed", Abandoned: "given-up"}

func (s DeliveryState) String() string { return deliveryNames[s] }

// DeliveryKind says what a delivery tells. The values are stored: add, never renumber.
type DeliveryKind int64

// The kinds of deliveries. A payment has one of each at most.
const (
	ExpressResult DeliveryKind = 1 // the callback of M-Pesa Express
	Result        DeliveryKind = 2 // the result of an initiator's request
	QueueTimeout  DeliveryKind = 3 // such a request waited too long
	Validation    DeliveryKind = 4 // C2B: does the business take the money?
	Confirmation  DeliveryKind = 5 // C2B: it has been paid

	CheckoutResult DeliveryKind = 6 // the callback of B2B Express checkout
	OrderResult    DeliveryKind = 7 // the callback of M-Pesa Ratiba: what the customer said to a standing order
)

// deliveryKinds are the kinds with their names. Those that tell of a payment by a customer once it is completed have theirs in AfterPayment.
var deliveryKinds = [...]struct {
	kind DeliveryKind
	name string // that the policy of retries knows it by
}{
	{ExpressResult, "stkpush"}, {Result, "result"}, {QueueTimeout, "timeout"}, {Validation, "validation"},
	{CheckoutResult, codes.APICheckout}, {OrderResult, codes.APIStandingOrder},
}

func (k DeliveryKind) String() string {
	for i := range deliveryKinds {
		if deliveryKinds[i].kind == k {
			return deliveryKinds[i].name
		}
	}
	for _, h := range AfterPayment() {
		if h.Tells == k {
			return h.Name
		}
	}
	return ""
}

// DeliveryKinds lists the kinds.
func DeliveryKinds() (list []DeliveryKind) {
	for i := range deliveryKinds {
		list = append(list, deliveryKinds[i].kind)
	}
	for _, h := range AfterPayment() {
		list = append(list, h.Tells)
	}
	slices.Sort(list)
	return list
}

// number tells the deliveries of a payment apart. The requester is told one way only.
func (k DeliveryKind) number() int64 {
	if k == Validation {
		return 2
	}
	for _, h := range AfterPayment() {
		if h.Tells == k {
			return h.Number
		}
	}
	return 0
}

// Deliveries are what merchants' URLs are told, by payment and kind.
var Deliveries = unit.NewTable[int64, Delivery]("deliveries")

// Delivery is a callback for a merchant's URL. Its body is rendered from its payment.
type Delivery struct {
	ID       int64 // payment number × 16 + a number for the kind
	Kind     DeliveryKind
	State    DeliveryState
	Owner    Shortcode // whose URL it is
	DueAt    int64     // milliseconds; 0 when no longer pending. Until then it belongs to the node that made or claimed it
	URL      string
	Attempts []Attempt // the first and the last ones; Tried counts all
}

// keptAttempts are how many of a delivery's first attempts, and how many of its last, are kept: the row is written whole with each.
const keptAttempts = 50

// Tried counts the attempts.
func (d Delivery) Tried() int {
	n := len(d.Attempts)
	if n == 0 {
		return 0
	}
	return max(n, d.Attempts[n-1].Number)
}

// resentAt returns when the delivery was last resent, milliseconds; 0 is never.
func (d Delivery) resentAt() (at int64) {
	for _, a := range d.Attempts {
		at = max(at, a.Resent)
	}
	return at
}

// record adds an attempt, unless it is there already.
func (d *Delivery) record(a Attempt) (added bool) {
	if slices.ContainsFunc(d.Attempts, a.is) {
		return false
	}
	if len(d.Attempts) == 2*keptAttempts {
		a.Number = d.Tried() + 1
	}
	d.Attempts = append(slices.Clone(d.Attempts), a)
	if len(d.Attempts) > 2*keptAttempts {
		d.Attempts = slices.Delete(d.Attempts, keptAttempts, keptAttempts+1)
	}
	return true
}

// Payment is the number of the payment that the delivery tells of.
func (d Delivery) Payment() int64 { return d.ID >> 4 }

// Attempt is one try at delivering.
type Attempt struct {
	At     int64  `json:"at"`              // milliseconds
	Status int    `json:"status"`          // HTTP status; 0 when there was no answer
	Micros int64  `json:"us"`              // how long it took, microseconds, at least 1
	Error  string `json:"error,omitempty"` // why there was no answer
	Number int    `json:"n,omitempty"`     // counts a delivery's attempts from 1; 0: its place among those kept
	Resent int64  `json:"again,omitempty"` // when the delivery was resent after it, milliseconds
}

// is reports whether both are the same attempt. A delivery has one at a time, and each takes some microseconds; one without any is not known again.
func (a Attempt) is(other Attempt) bool {
	return a.Micros != 0 && a.At == other.At && a.Micros == other.Micros && a.Status == other.Status && a.Error == other.Error
}

// OK reports whether the merchant's server took the delivery.
func (a Attempt) OK() bool { return a.Status >= 200 && a.Status < 300 }

// BulkFile is what a bulk file says as a whole, and how far it has been paid. Its name is the payment's Description.
type BulkFile struct {
	Rows       int64        `json:"rows"`
	Last       int64        `json:"last"`                 // line of the last row
	Charges    money.Amount `json:"charges,omitempty"`    // of all rows, by the tariff when it was submitted
	Done       int64        `json:"done,omitempty"`       // line up to which the rows are paid or have failed
	Paid       int64        `json:"paid,omitempty"`       // rows
	Failed     int64        `json:"failed,omitempty"`     // rows
	PaidAmount money.Amount `json:"paidAmount,omitempty"` // of the paid rows
}

// OfBulk reports whether the payment was made by a bulk file, whose number is Details.Original.
func (p *Payment) OfBulk() bool { return p.Kind == B2C && p.Details.Original != 0 }

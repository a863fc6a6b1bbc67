package mpesa

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

// Answers is how a phone that nobody holds answers a prompt.
type Answers string

// The ways of answering. A phone without a way of its own ("") answers as the service's default says.
const (
	AnswersByDefault Answers = ""
	Approve          Answers = "approve"   // enters the right PIN
	Ask              Answers = "ask"       // waits for a person
	Cancel           Answers = "cancel"    // presses cancel
	WrongPIN         Answers = "wrong-pin" // enters a wrong PIN
	Ignore           Answers = "ignore"    // lets the prompt stand until its time is over
	Off              Answers = "off"       // is switched off
	NoSignal         Answers = "no-signal" // is where the network doesn't reach
	Late             Answers = "late"      // enters the right PIN, and M-PESA gets it too late
	Busy             Answers = "busy"      // its owner is in a session of their own
	Lost             Answers = "lost"      // its owner answers, and the network loses the answer
)

// AllAnswers lists the ways that a phone can be told to answer.
func AllAnswers() []Answers {
	return []Answers{Approve, Ask, Cancel, WrongPIN, Ignore, Off, NoSignal, Late, Busy, Lost}
}

var answersAbout = map[Answers]string{
	Approve: "enters the right PIN", Ask: "waits for somebody to answer", Cancel: "presses cancel", WrongPIN: "enters a wrong PIN",
	Ignore: "lets the prompt stand until its time is over", Off: "is switched off", NoSignal: "is where the network doesn't reach",
	Late: "enters the right PIN too late", Busy: "is in a session of its owner's own", Lost: "answers, and the network loses the answer",
}

// About says in words what a phone does that answers so.
func (a Answers) About() string { return answersAbout[a] }

// Standing is what a customer is allowed.
type Standing string

// The standings.
const (
	GoodStanding Standing = ""
	NoProducts   Standing = "no-products" // the customer's product doesn't include paying businesses: result 2028
	NoOperator   Standing = "no-operator" // the customer's record names an operator that doesn't exist: result SFC_IC0003

	Unregistered Standing = "unregistered" // M-PESA knows the number, and no customer with it: result 2040, but for salaries
	Inactive     Standing = "inactive"     // the customer's account is suspended: result 2006
	NoPochi      Standing = "no-pochi"     // the customer has no business wallet: result 2040 for Business to Pochi
)

// AllStandings lists the standings that a customer can be given.
func AllStandings() []Standing {
	return []Standing{GoodStanding, NoProducts, NoOperator, Unregistered, Inactive, NoPochi}
}

// PINDigest is the keyed digest of a PIN. The rules compare digests and never see a PIN.
type PINDigest [16]byte

// Subscribers are the customers, by the numbers of their phones.
var Subscribers = unit.NewTable[msisdn.Number, Subscriber]("subscribers").Assume(func(n msisdn.Number) Subscriber { return Subscriber{MSISDN: n} })

// Subscriber is a customer and their phone.
type Subscriber struct {
	MSISDN       msisdn.Number
	Name         string // as registered: "John Doe"
	PIN          PINDigest
	WrongPINs    int64 // in a row
	Unfinished   int64 // prompts in a row that came to no payment
	BlockedUntil int64 // no prompt reaches the phone before then; milliseconds
	Answers      Answers
	AfterMS      int64  // how long an unattended phone takes to answer, milliseconds; negative: the service's default
	Limits       string // name of the limits that hold for the customer; "" are the standard ones
	Standing     Standing
	HeldUntil    int64 // somebody holds the phone until then, and answers by hand; milliseconds
	Holds        Holds // who does
	SwappedAt    int64 // when the number got another SIM; milliseconds, 0: never
}

// Party is the customer.
func (s Subscriber) Party() Party { return CustomerParty(s.MSISDN) }

// OrganisationKind is what sort of shortcode an organisation has.
type OrganisationKind string

// The kinds of shortcodes.
const (
	PayBill OrganisationKind = "paybill"
	Till    OrganisationKind = "till"
	Store   OrganisationKind = "store" // the number that a till's owner calls the API with
)

// Registry has the organisations for who changes them, and Organisations, to look up: they seldom change, so each node remembers them. An
// organisation that isn't there is nil.
var (
	Registry      = unit.NewTable[Shortcode, Organisation]("organisations")
	Organisations = unit.NewReference[Shortcode, *Organisation]("known organisations")
)

// Organisation is a business with a shortcode.
type Organisation struct {
	Shortcode  Shortcode        `json:"shortcode"`
	Name       string           `json:"name"`
	Kind       OrganisationKind `json:"kind"`
	Passkey    string           `json:"passkey,omitempty"`    // for M-Pesa Express; without it the gateway knows no such merchant
	Store      Shortcode        `json:"store,omitempty"`      // of a till: the store or head office number
	Tariff     string           `json:"tariff,omitempty"`     // name of the tariff for payments to it; "" is the usual one of its kind
	MaxBalance money.Amount     `json:"maxBalance,omitempty"` // of the account that receives; 0 is the standard

	Products []Product            `json:"products,omitempty"` // none: all
	Standing OrganisationStanding `json:"standing,omitempty"`
	Owner    msisdn.Number        `json:"owner,omitempty"`        // gets an SMS for what customers pay, and B2B Express prompts
	Fault    Fault                `json:"fault,omitempty"`        // what goes wrong with its requests, by order
	Payouts  string               `json:"payoutTariff,omitempty"` // name of the tariff for B2C; "" is the usual one
	Moves    string               `json:"moveTariff,omitempty"`   // name of the tariff for B2B; "" is the usual one

	Validates bool    `json:"validates,omitempty"` // external validation is switched on
	URLs      C2BURLs `json:"urls,omitzero"`       // registered for C2B
	Pull      Pull    `json:"pull,omitzero"`       // registered for Pull transactions

	Registrations []Registration `json:"registrations,omitempty"` // for what completed payments set off

	Approval ApprovalPolicy `json:"approval,omitzero"` // of what its operators initiate on the portal

	LivePasskey string `json:"livePasskey,omitempty"` // for M-Pesa Express by production apps; "": none was issued
}

// Product is a group of operations that an organisation can be assigned.
type Product string

// The products of organisations (BusinessToPochi, result codes, 2028; DarajaTutorial, B2B API).
const (
	ProductC2B   Product = "C2B"
	ProductB2C   Product = "B2C"
	ProductPochi Product = "B2Pochi"
	ProductB2B   Product = "B2B"
	ProductTax   Product = "Tax"

	ProductReversal Product = "Reversal" // wire.md §12, result 2028
)

// AllProducts lists the products.
func AllProducts() []Product {
	return []Product{ProductC2B, ProductB2C, ProductPochi, ProductB2B, ProductTax, ProductReversal}
}

// Has reports whether the organisation is assigned the product.
func (o *Organisation) Has(p Product) bool {
	return len(o.Products) == 0 || slices.Contains(o.Products, p)
}

// OrganisationStanding is what state an organisation's accounts are in.
type OrganisationStanding string

// The standings of organisations (BusinessToPochi, result codes: both are "the B2C account is not active").
const (
	Active    OrganisationStanding = ""
	Suspended OrganisationStanding = "suspended" // it may not pay: result 11
	Frozen    OrganisationStanding = "frozen"    // its accounts allow no transactions: result 2006
)

// AllOrganisationStandings lists the standings that an organisation can be given.
func AllOrganisationStandings() []OrganisationStanding {
	return []OrganisationStanding{Active, Suspended, Frozen}
}

// Fault is something that goes wrong with an organisation's requests because somebody ordered it.
type Fault string

// The faults.
const (
	NoFault       Fault = ""
	QueueStopped  Fault = "queue"    // its requests are not processed in their time: QueueTimeOutURL is told
	InternalFault Fault = "internal" // its requests end with result 17
)

// AllFaults lists the faults that can be ordered.
func AllFaults() []Fault { return []Fault{NoFault, QueueStopped, InternalFault} }

// C2BURLs are what an organisation has registered for what customers pay to it (wire.md §6.1).
type C2BURLs struct {
	Version      int    `json:"version"`      // of the API that it registered with: 1 or 2
	ResponseType string `json:"responseType"` // Completed or Cancelled: what happens when validation has no answer
	Confirmation string `json:"confirmation"`
	Validation   string `json:"validation"`
}

// What happens to a payment when the validation URL doesn't answer in time (wire.md §6.1).
const (
	ResponseCompleted = "Completed"
	ResponseCancelled = "Cancelled"
)

// Idempotency says which payment has a key.
var Idempotency = unit.NewTable[IdempotencyKey, KeyHolder]("idempotency")

// IdempotencyKey is something that one payment only may have: an OriginatorConversationID of a shortcode, the reversal of a payment.
type IdempotencyKey struct {
	Owner Party
	Name  string
}

// KeyHolder is the payment that has a key.
type KeyHolder struct {
	IdempotencyKey
	Payment int64
}

// Claim gives a payment a key that is free.
func (v *View) Claim(k IdempotencyKey, payment int64) { Idempotency.Put(v, k, KeyHolder{k, payment}) }

// Tokens are the access tokens that were issued.
var Tokens = unit.NewLog[Token]("tokens")

// Token is an access token, of which only the digest is kept: a reader of the database can't ask with it.
type Token struct {
	Digest   TokenDigest
	App      string // consumer key
	Products []string
	Issued   int64 // milliseconds
	Expires  int64 // milliseconds
	Sole     bool  // ends the app's other tokens
}

// TokenDigest is the SHA-256 of an access token. A token is random and long, so that its digest needs neither salt nor time.
type TokenDigest [sha256.Size]byte

// DigestToken returns the digest of a token.
func DigestToken(token string) TokenDigest { return sha256.Sum256([]byte(token)) }

// ApprovalPolicy says which of an organisation's tasks need whose approval. Amounts are those of the task.
type ApprovalPolicy struct {
	Free   money.Amount `json:"free,omitempty"`   // a task of at most that needs nobody's; 0: every task needs somebody's
	Second money.Amount `json:"second,omitempty"` // a task of more needs those of two operators; 0: none does
}

func (a ApprovalPolicy) String() string {
	text := "every task needs an approval"
	if a.Free != 0 {
		text = fmt.Sprintf("tasks above %s need an approval", a.Free)
	}
	if a.Second != 0 {
		text += fmt.Sprintf(", those above %s need two", a.Second)
	}
	return text
}

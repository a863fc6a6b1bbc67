package mpesa

import (
	"crypto/sha256"
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
	Busy             Answers = "busy"      // its owner is in a session of his own
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

// Subscriber is a customer and his phone.
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

// Has tells whether the organisation is assigned the product.
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

// OperatorID names an operator: usernames are an organisation's own.
type OperatorID struct {
	Shortcode Shortcode
	Username  string
}

// Role is what an operator may do.
type Role string

// The roles of API operators (BusinessToPochi, various API roles; wire.md §7.5).
const (
	RoleB2C         Role = "ORG B2C API initiator"
	RolePayBill     Role = "Business Paybill Org API initiator"
	RoleBuyGoods    Role = "Business Buy Goods Org API initiator"
	RolePayToBulk   Role = "Org Business Pay to Bulk API initiator"
	RoleStatus      Role = "Transaction Status query ORG API"
	RoleBalance     Role = "Balance Query ORG API"
	RoleReversal    Role = "Org Reversals Initiator"
	RoleTax         Role = "Tax Remittance to KRA API"
	RoleSetPassword Role = "Set Restricted ORG API PASSWORD"
)

// AllRoles lists the roles in the documents' order.
func AllRoles() []Role {
	return []Role{RoleB2C, RolePayBill, RoleBuyGoods, RolePayToBulk, RoleStatus, RoleBalance, RoleReversal, RoleTax, RoleSetPassword}
}

// Operators act for organisations.
var Operators = unit.NewTable[OperatorID, Operator]("operators")

// Operator is somebody, or a program, that acts for an organisation: the initiator of its API requests.
type Operator struct {
	Shortcode Shortcode `json:"shortcode"`
	Username  string    `json:"username"`
	Password  string    `json:"password,omitempty"` // argon2id in PHC form; "": none was set, and the operator isn't active
	Roles     []Role    `json:"roles"`
	Wrong     int       `json:"wrong,omitempty"` // wrong passwords in a row; at LockAfter the operator is locked
	Channel   Channel   `json:"channel,omitempty"`
	Person    Person    `json:"person,omitzero"`
	Suspended bool      `json:"suspended,omitempty"` // by an administrator

	// Of web operators only:
	First     bool               `json:"first,omitempty"`     // Password is a first-time one: the next sign-in changes it
	Earlier   []string           `json:"earlier,omitempty"`   // the hashes of the passwords before it, newest first
	Questions []SecurityQuestion `json:"questions,omitempty"` // by which he gets in when he has forgotten the password
	OTP       OneTimePIN         `json:"otp,omitzero"`
	Epoch     int64              `json:"epoch,omitempty"`    // counts what has ended his sessions
	SignedIn  int64              `json:"signedIn,omitempty"` // when he last did; milliseconds
}

// ID is the operator's name.
func (o *Operator) ID() OperatorID { return OperatorID{o.Shortcode, o.Username} }

// LockAfter is how many wrong passwords in a row lock an operator (wire.md §7.5).
const LockAfter = 5

// Locked tells whether the operator's credential is locked: result 8006.
func (o *Operator) Locked() bool { return o.Wrong >= LockAfter }

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

// claim gives a payment a key that is free.
func (v *View) claim(k IdempotencyKey, payment int64) { Idempotency.Put(v, k, KeyHolder{k, payment}) }

// Apps are found by their consumer keys.
var Apps = unit.NewTable[string, App]("apps")

// App is a developer's application: what a client authenticates as.
type App struct {
	Key         string   `json:"consumerKey"`
	Secret      string   `json:"consumerSecret"`
	Name        string   `json:"name"`
	Products    []string `json:"products"`
	SpikeArrest int64    `json:"spikeArrest"`       // requests a second; 0 is the profile's, negative is none
	Quota       int64    `json:"quota"`             // requests a day in East Africa Time; 0 is the profile's, negative is none
	Created     int64    `json:"created,omitempty"` // milliseconds; 0: with the installation
	Fault       AppFault `json:"fault,omitempty"`   // what goes wrong with its requests, by order

	GoLive     GoLive    `json:"goLive,omitzero"`      // of a sandbox app: how far it is on its way to production
	Production bool      `json:"production,omitempty"` // it is held to production's rules, whatever the profile
	Shortcode  Shortcode `json:"shortcode,omitempty"`  // of a production app: the only one that it may ask for
}

// AppFault is something that goes wrong at the gateway with an app's requests because somebody ordered it: the request is refused, and
// nothing happens.
type AppFault string

// The faults of apps (MpesaExpressSimulate, error codes).
const (
	NoAppFault    AppFault = ""
	FaultBusy     AppFault = "busy"     // 500.003.02, the system is busy
	FaultInternal AppFault = "internal" // 500.003.1001, internal server error
)

// AllAppFaults lists the faults that can be ordered for an app.
func AllAppFaults() []AppFault { return []AppFault{NoAppFault, FaultBusy, FaultInternal} }

// Tokens are the access tokens that were issued.
var Tokens = unit.NewLog[Token]("tokens")

// Token is an access token, of which only the digest is kept: whoever reads the database can't ask with it.
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

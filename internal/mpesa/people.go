package mpesa

import (
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
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
	Off              Answers = "off"       // has no battery or no signal
	Late             Answers = "late"      // enters the right PIN, and M-PESA gets it too late
	Busy             Answers = "busy"      // its owner is in a session of his own
)

// AllAnswers lists the ways that a phone can be told to answer.
func AllAnswers() []Answers {
	return []Answers{Approve, Ask, Cancel, WrongPIN, Ignore, Off, Late, Busy}
}

// Standing is what a customer is allowed.
type Standing string

// The standings.
const (
	GoodStanding Standing = ""
	NoProducts   Standing = "no-products" // the customer's product doesn't include paying businesses: result 2028
	NoOperator   Standing = "no-operator" // the customer's record names an operator that doesn't exist: result SFC_IC0003
)

// PINDigest is the keyed digest of a PIN. The rules compare digests and never see a PIN.
type PINDigest [16]byte

// Subscriber is a customer and his phone.
type Subscriber struct {
	MSISDN       msisdn.Number
	Name         string // as registered: "John Doe"
	PIN          PINDigest
	WrongPINs    int64 // in a row
	Unanswered   int64 // prompts in a row that nobody answered
	BlockedUntil int64 // no prompt reaches the phone before then; milliseconds
	Answers      Answers
	AfterMS      int64  // how long an unattended phone takes to answer, milliseconds; negative: the service's default
	Limits       string // name of the limits that hold for the customer; "" are the standard ones
	Standing     Standing
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

// Organisation is a business with a shortcode.
type Organisation struct {
	Shortcode  Shortcode        `json:"shortcode"`
	Name       string           `json:"name"`
	Kind       OrganisationKind `json:"kind"`
	Passkey    string           `json:"passkey,omitempty"`    // for M-Pesa Express; without it the gateway knows no such merchant
	Store      Shortcode        `json:"store,omitempty"`      // of a till: the store or head office number
	Tariff     string           `json:"tariff,omitempty"`     // name of the tariff for payments to it; "" is the usual one of its kind
	MaxBalance money.Amount     `json:"maxBalance,omitempty"` // of the account that receives; 0 is the standard
	Products   []string         `json:"products,omitempty"`
}

// App is a developer's application: what a client authenticates as.
type App struct {
	Key         string   `json:"consumerKey"`
	Secret      string   `json:"consumerSecret"`
	Name        string   `json:"name"`
	Products    []string `json:"products"`
	SpikeArrest int64    `json:"spikeArrest"` // requests a second; 0 is the profile's, negative is none
	Quota       int64    `json:"quota"`       // requests a day in East Africa Time; 0 is the profile's, negative is none
}

// Token is an access token.
type Token struct {
	Token    string
	App      string // consumer key
	Products []string
	Issued   int64 // milliseconds
	Expires  int64 // milliseconds
	Sole     bool  // ends the app's other tokens
}

package mpesa

import (
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Kind is what sort of payment a payment is. The values are stored: add, never renumber.
type Kind int64

// The kinds of payments.
const (
	Express    Kind = 1 // M-Pesa Express: asked for by the business, approved on the phone
	Deposit    Kind = 2 // trust to an account
	Withdrawal Kind = 3 // an account to trust
)

var kindNames = map[Kind]string{Express: "stkpush", Deposit: "deposit", Withdrawal: "withdrawal"}

func (k Kind) String() string { return kindNames[k] }

// State is where a payment is in its life (docs/state-machines.md). The values are stored: add, never renumber.
type State int64

// The states. A payment that is Completed or Failed never changes again.
const (
	Prompting State = 0 // a prompt is open on the phone
	Completed State = 1 // the money moved
	Failed    State = 2 // nothing moved
)

var stateNames = map[State]string{Prompting: "prompting", Completed: "completed", Failed: "failed"}

func (s State) String() string { return stateNames[s] }

// Final tells whether the payment has its result.
func (s State) Final() bool { return s != Prompting }

// Payment is one request to move money, from its acceptance to its result. Times are milliseconds since 1970.
type Payment struct {
	ID         int64
	Kind       Kind
	State      State
	Payer      Party
	Payee      Party     // whoever the request says is to be paid
	Business   Shortcode // whoever asked
	Amount     money.Amount
	AcceptedAt int64
	DueAt      int64 // when the open prompt is looked at again; 0 when the payment is final
	FinishedAt int64
	Result     codes.Result
	Previous   int64 // the payer's payment that ended before this one; 0 is none
	Details    Details
}

// Details are the parts of a request that the rules pass on without deciding by them, and the reason of a failure.
type Details struct {
	TransactionType string        `json:"type,omitempty"`
	PartyA          msisdn.Number `json:"partyA,omitempty"` // where it isn't the phone's own number
	CallBackURL     string        `json:"url,omitempty"`
	Reference       string        `json:"ref,omitempty"`
	Description     string        `json:"desc,omitempty"`
	Reason          string        `json:"reason,omitempty"` // why it failed, for people
}

// TransferKind says why money moved. The values are stored: add, never renumber.
type TransferKind int64

// The kinds of transfers.
const (
	Principal      TransferKind = 1 // the payment's own amount
	CustomerCharge TransferKind = 2 // the customer's share of the charge
	BusinessCharge TransferKind = 3 // the organisation's share of the charge
)

var transferNames = map[TransferKind]string{Principal: "principal", CustomerCharge: "customer charge", BusinessCharge: "business charge"}

func (k TransferKind) String() string { return transferNames[k] }

// Transfer is an immutable entry of the books: an amount moved from one account to another, and what both then held.
type Transfer struct {
	ID          int64 // payment number × 16 + a count from 0
	Debit       AccountID
	Credit      AccountID
	Amount      money.Amount
	Kind        TransferKind
	At          int64 // milliseconds
	DebitAfter  money.Amount
	CreditAfter money.Amount
}

// Payment is the number of the payment that the transfer belongs to.
func (t Transfer) Payment() int64 { return t.ID >> 4 }

// DeliveryState is where a delivery is in its life. The values are stored: add, never renumber.
type DeliveryState int64

// The states of a delivery.
const (
	Pending   DeliveryState = 0 // to be attempted at DueAt
	Delivered DeliveryState = 1 // the URL answered 2xx
	GivenUp   DeliveryState = 2 // it did not, as often as the policy of the API tries
)

var deliveryNames = map[DeliveryState]string{Pending: "pending", Delivered: "delivered", GivenUp: "failed"}

func (s DeliveryState) String() string { return deliveryNames[s] }

// DeliveryKind says what a delivery tells. The values are stored: add, never renumber.
type DeliveryKind int64

// ExpressResult is the callback of M-Pesa Express.
const ExpressResult DeliveryKind = 1

var deliveryKindNames = map[DeliveryKind]string{ExpressResult: "stkpush"}

// String is the name of the API whose policy holds for the delivery.
func (k DeliveryKind) String() string { return deliveryKindNames[k] }

// Delivery is something that a merchant's URL is owed. Its body is rendered from its payment, which is final.
type Delivery struct {
	ID       int64 // payment number × 16 + a count from 0
	Kind     DeliveryKind
	State    DeliveryState
	Owner    Shortcode // whose URL it is
	DueAt    int64     // milliseconds; 0 when no longer pending. Until then it belongs to the node that made or claimed it
	URL      string
	Attempts []Attempt
}

// Payment is the number of the payment that the delivery tells of.
func (d Delivery) Payment() int64 { return d.ID >> 4 }

// Attempt is one try at delivering.
type Attempt struct {
	At     int64  `json:"at"`              // milliseconds
	Status int    `json:"status"`          // HTTP status; 0 when there was no answer
	Micros int64  `json:"us"`              // how long it took, microseconds
	Error  string `json:"error,omitempty"` // why there was no answer
}

// OK tells whether the merchant's server took the delivery.
func (a Attempt) OK() bool { return a.Status >= 200 && a.Status < 300 }

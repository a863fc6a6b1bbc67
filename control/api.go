package control

import (
	"encoding/json"
	"errors"
)

// Root is where the API is served.
const Root = "/kivuko/v1/"

// OperatorHeader names, in calls below organisations/{shortcode}/, the operator for whom they are made: the rules check the operator's rights
// and write the audit, which tells them from operators who have signed in to the portal. Without one it is the person who runs Kivuko, and
// may do all.
const OperatorHeader = "Kivuko-Operator"

// PEMType is the media type of the certificate. Everything else is JSON.
const PEMType = "application/x-pem-file"

// Health says that all is well. Anything else is a Problem.
type Health struct {
	Status  string `json:"status"` // "ok"
	Version string `json:"version"`
	Now     Time   `json:"now"` // by the clock that can be moved
}

// Phone is a customer and his phone.
type Phone struct {
	MSISDN       string   `json:"msisdn"` // 254708374149
	Name         string   `json:"name"`
	Balance      Amount   `json:"balance"`
	Available    Amount   `json:"available"`
	Pochi        Amount   `json:"pochi"`      // in the business wallet
	SpentToday   Amount   `json:"spentToday"` // since midnight in East Africa Time
	Answers      Answers  `json:"answers"`    // how it answers a prompt when nobody holds it; "" is the service's default
	AfterMS      Delay    `json:"afterMs"`    // how long that takes; null is the service's default
	PINLocked    bool     `json:"pinLocked"`
	WrongPINs    int64    `json:"wrongPins"`             // in a row
	Unfinished   int64    `json:"unfinished"`            // prompts in a row that came to no payment
	BlockedUntil Time     `json:"blockedUntil,omitzero"` // no prompt reaches the phone before then
	HeldUntil    Time     `json:"heldUntil,omitzero"`    // somebody holds it until then
	Limits       string   `json:"limits"`                // "" are the standard ones
	Standing     Standing `json:"standing"`              // "" is good
	Prompt       *Prompt  `json:"prompt"`                // the open one, or null
}

// Prompt is what an open payment shows on the phone.
type Prompt struct {
	Payment           int64  `json:"payment"`
	CheckoutRequestID string `json:"checkoutRequestID"`
	Text              string `json:"text"`
	Amount            Amount `json:"amount"`
	Organisation      string `json:"organisation"` // shortcode of whoever is to be paid
	OpenedAt          Time   `json:"openedAt"`
	DueAt             Time   `json:"dueAt"` // when it is answered or ends by itself
}

// PhoneChange creates a phone or changes what is given.
type PhoneChange struct {
	Name      *string   `json:"name,omitempty" is:"line" jsonschema:"minLength=1,maxLength=100"`
	PIN       *string   `json:"pin,omitempty" is:"pin"` // four digits; also unlocks it
	Balance   *Amount   `json:"balance,omitempty"`
	Answers   *Answers  `json:"answers,omitempty"`
	AfterMS   *Delay    `json:"afterMs,omitempty"`
	Limits    *string   `json:"limits,omitempty" is:"limits"`
	Standing  *Standing `json:"standing,omitempty"`
	Blocked   *bool     `json:"blocked,omitempty" is:"false: blocked"`     // only false: lets prompts through again
	PINLocked *bool     `json:"pinLocked,omitempty" is:"false: pinLocked"` // only false: forgets wrong PINs
}

// Answer is what somebody does with the open prompt: he enters a PIN or presses cancel.
type Answer struct {
	PIN     string `json:"pin,omitempty" is:"pin"`
	Cancel  bool   `json:"cancel,omitempty" is:"true"`
	Payment int64  `json:"payment,omitempty" jsonschema:"minimum=1"` // whose prompt he saw; 0: whichever is open
}

// Check returns an error unless it is one of the two.
func (a Answer) Check() error {
	if (a.PIN != "") == a.Cancel {
		return errors.New(`it has to be {"pin":"1234"} with four digits, or {"cancel":true}`)
	}
	return nil
}

// Message is an SMS.
type Message struct {
	At      Time   `json:"at"`
	From    string `json:"from"`
	Text    string `json:"text"`
	Payment int64  `json:"payment,omitempty"`
}

// Messages are the messages of a phone, newest first.
type Messages struct {
	Messages []Message `json:"messages"`
}

// Books is what adding all transfers up gave, and what doesn't agree with them.
type Books struct {
	Accounts  int64         `json:"accounts"`
	Transfers int64         `json:"transfers"`
	Payments  int64         `json:"payments"`
	Open      int64         `json:"open"`  // payments that wait
	Sum       Amount        `json:"sum"`   // of all balances
	Wrong     []Discrepancy `json:"wrong"` // by check; only those that found something
}

// Discrepancy is what a check of the books found: how many accounts or payments fail it, and which are the first of them.
type Discrepancy struct {
	Check string   `json:"check"`
	Count int64    `json:"count"`
	Rows  []string `json:"rows"`
}

// Balanced tells whether the books are as they have to be.
func (b Books) Balanced() bool { return b.Sum == 0 && len(b.Wrong) == 0 }

// Payment is a payment with all its names, and what came of it.
type Payment struct {
	ID                int64      `json:"id"`
	Kind              Kind       `json:"kind"`
	State             State      `json:"state"`
	Result            string     `json:"result,omitempty"` // once it is final
	ResultDesc        string     `json:"resultDesc,omitempty"`
	Reason            string     `json:"reason,omitempty"` // why it failed, for people
	Mend              string     `json:"mend,omitempty"`   // of what failed: what to do about it
	Amount            Amount     `json:"amount"`
	Payer             string     `json:"payer"`
	Payee             string     `json:"payee"`
	Business          string     `json:"business,omitempty"` // whoever asked for it
	TransactionType   string     `json:"transactionType,omitempty"`
	Reference         string     `json:"reference,omitempty"`
	Description       string     `json:"description,omitempty"`
	CallBackURL       string     `json:"callBackURL,omitempty"`
	TimeoutURL        string     `json:"queueTimeOutURL,omitempty"`
	MerchantRequestID string     `json:"merchantRequestID,omitempty"`        // of M-Pesa Express
	CheckoutRequestID string     `json:"checkoutRequestID,omitempty"`        // of M-Pesa Express
	OriginatorID      string     `json:"originatorConversationID,omitempty"` // of all other APIs: the client's own or one of Kivuko's
	ConversationID    string     `json:"conversationID"`
	Receipt           string     `json:"receipt,omitempty"`   // once it is completed, or a business is asked about it
	Initiator         string     `json:"initiator,omitempty"` // the operator who asked for it
	Occasion          string     `json:"occasion,omitempty"`
	Requester         string     `json:"requester,omitempty"`         // the customer on whose behalf a tax or bill was paid
	Original          int64      `json:"original,omitempty"`          // the payment that a reversal or a status query is about
	OriginalID        string     `json:"originalID,omitempty"`        // as the request has it
	ThirdPartyID      string     `json:"thirdPartyTransID,omitempty"` // of the answer to the validation
	TimedOut          bool       `json:"timedOut,omitempty"`          // it waited too long in the queue
	AcceptedAt        Time       `json:"acceptedAt"`
	DueAt             Time       `json:"dueAt,omitzero"`      // while it waits: when it is looked at again
	FinishedAt        Time       `json:"finishedAt,omitzero"` // once it is final
	Transfers         []Transfer `json:"transfers"`
	Callbacks         []Callback `json:"callbacks"`
}

// Transfer is an entry of the books.
type Transfer struct {
	Debit  Side         `json:"debit"`
	Credit Side         `json:"credit"`
	Amount Amount       `json:"amount"`
	Kind   TransferKind `json:"kind"`
}

// Side is an account that a transfer moved money from or to.
type Side struct {
	Party   string `json:"party"` // a phone number, a shortcode or "operator"
	Account string `json:"account"`
}

// Callback is something that a merchant's URL is owed, and how that went.
type Callback struct {
	ID        int64           `json:"id"`
	Payment   int64           `json:"payment"`
	Kind      CallbackKind    `json:"kind"`
	Shortcode string          `json:"shortcode"`
	URL       string          `json:"url"`
	State     CallbackState   `json:"state"`
	DueAt     Time            `json:"dueAt,omitzero"` // while it is pending
	Tried     int             `json:"tried"`          // attempts made so far
	Attempts  []Attempt       `json:"attempts"`       // the first 50 and the last 50 of them
	Body      json.RawMessage `json:"body,omitempty"` // only of a single callback
}

// Attempt is one try at a callback.
type Attempt struct {
	At     Time    `json:"at"`
	Status int     `json:"status"` // HTTP status; 0 when there was no answer
	TookMS float64 `json:"tookMs"`
	Error  string  `json:"error,omitempty"`
}

// Entry is a request to the gateway with its answer. Bodies are JSON, or text that isn't JSON as a string.
type Entry struct {
	ID          int64           `json:"id"`
	At          Time            `json:"at"`
	TookMS      float64         `json:"tookMs"`
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	API         string          `json:"api,omitempty"`   // its name in the catalogue
	Title       string          `json:"title,omitempty"` // what people call the API
	App         string          `json:"app,omitempty"`   // consumer key
	Remote      string          `json:"remote,omitempty"`
	Request     json.RawMessage `json:"request,omitempty"`
	Status      int             `json:"status"`
	Answer      json.RawMessage `json:"answer,omitempty"`
	Code        string          `json:"code,omitempty"`        // errorCode of a refusal
	Explanation string          `json:"explanation,omitempty"` // of a refusal or a warning
	Cause       string          `json:"cause,omitempty"`       // of a refusal: what makes the gateway answer so
	Mend        string          `json:"mend,omitempty"`        // of a refusal: what to do about it
	Payment     int64           `json:"payment,omitempty"`
	Outcome     *Outcome        `json:"outcome,omitempty"` // of the payment, as it is now
}

// Outcome is what has become of a payment.
type Outcome struct {
	State      State  `json:"state"`
	Result     string `json:"result,omitempty"`
	ResultDesc string `json:"resultDesc,omitempty"`
	Amount     Amount `json:"amount"`
}

// Journal is a page of requests, newest first.
type Journal struct {
	Page[Entry]
	Oldest  int64 `json:"oldest"`            // number from which on all requests of apps are still there; 0: nothing was noted yet
	Payment int64 `json:"payment,omitempty"` // that has the identifier which was asked for, whether its request is still there or not
}

// Advance moves the clock.
type Advance struct {
	By string `json:"by,omitempty" is:"duration" jsonschema:"required"` // "90s", "2h30m"
}

// Clock is the time after it was moved.
type Clock struct {
	Now Time `json:"now"`
}

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
	Status  string `json:"status" jsonschema:"enum=ok" doc:"\"ok\"."`
	Version string `json:"version"`
	Now     Time   `json:"now" doc:"By the clock that can be moved."`
}

// Phone is a customer and their phone.
type Phone struct {
	MSISDN       string   `json:"msisdn" is:"customer" doc:"254708374149."`
	Name         string   `json:"name"`
	Balance      Amount   `json:"balance"`
	Available    Amount   `json:"available"`
	Pochi        Amount   `json:"pochi" doc:"In the business wallet."`
	SpentToday   Amount   `json:"spentToday" doc:"Since midnight in East Africa Time."`
	Answers      Answers  `json:"answers" doc:"How it answers a prompt when nobody holds it; \"\" is the service's default."`
	AfterMS      Delay    `json:"afterMs" jsonschema:"minimum=0,maximum=600000" doc:"How long it takes to answer; null is the service's default."`
	PINLocked    bool     `json:"pinLocked"`
	WrongPINs    int64    `json:"wrongPins" jsonschema:"minimum=0" doc:"In a row."`
	Unfinished   int64    `json:"unfinished" jsonschema:"minimum=0" doc:"Prompts in a row that came to no payment."`
	BlockedUntil Time     `json:"blockedUntil,omitzero" doc:"No prompt reaches the phone before then."`
	HeldUntil    Time     `json:"heldUntil,omitzero" doc:"Somebody holds the phone until then, and answers by hand."`
	SIMSwappedAt Time     `json:"simSwappedAt,omitzero" doc:"When the number got another SIM."`
	Limits       string   `json:"limits" doc:"Empty are the standard ones."`
	Standing     Standing `json:"standing" doc:"\"\" is good."`
	Prompt       *Prompt  `json:"prompt" doc:"The open one."`
}

// Prompt is what an open payment shows on the phone.
type Prompt struct {
	Payment           int64  `json:"payment" jsonschema:"minimum=1" doc:"A number that Kivuko gave it."`
	CheckoutRequestID string `json:"checkoutRequestID" is:"checkout id"`
	Text              string `json:"text" doc:"What the phone shows."`
	Amount            Amount `json:"amount"`
	Organisation      string `json:"organisation" is:"shortcode" doc:"The shortcode that is to be paid."`
	OpenedAt          Time   `json:"openedAt"`
	DueAt             Time   `json:"dueAt" doc:"When it is answered or ends by itself."`
}

// PhoneChange creates a phone or changes what is given.
type PhoneChange struct {
	Name       *string   `json:"name,omitempty" is:"line" jsonschema:"minLength=1,maxLength=100"`
	PIN        *string   `json:"pin,omitempty" is:"pin" doc:"Four digits; also unlocks it."`
	Balance    *Amount   `json:"balance,omitempty" is:"balance" doc:"Shillings from 0 to 1000000000, with at most two decimals as text, whole as a number."`
	Answers    *Answers  `json:"answers,omitempty"`
	AfterMS    *Delay    `json:"afterMs,omitempty" jsonschema:"minimum=0,maximum=600000" doc:"How long it takes to answer; null is the service's default."`
	Limits     *string   `json:"limits,omitempty" is:"limits" doc:"The name of limits, empty for the standard ones."`
	Standing   *Standing `json:"standing,omitempty"`
	Blocked    *bool     `json:"blocked,omitempty" is:"false: blocked" doc:"false lets prompts through again after five that nobody answered."`
	PINLocked  *bool     `json:"pinLocked,omitempty" is:"false: pinLocked" doc:"false forgets wrong PINs, so that the PIN is locked no longer."`
	SIMSwapped bool      `json:"simSwapped,omitempty" is:"true: simSwapped" doc:"true gives the number another SIM, now."`
}

// Answer is what somebody does with the open prompt: they enter a PIN or press cancel.
type Answer struct {
	PIN     string `json:"pin,omitempty" is:"pin" doc:"Four digits."`
	Cancel  bool   `json:"cancel,omitempty" is:"true"`
	Payment int64  `json:"payment,omitempty" jsonschema:"minimum=1" doc:"Whose prompt was seen; without it, whichever is open."`
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
	Accounts  int64         `json:"accounts" jsonschema:"minimum=0"`
	Transfers int64         `json:"transfers" jsonschema:"minimum=0"`
	Payments  int64         `json:"payments" jsonschema:"minimum=0"`
	Open      int64         `json:"open" jsonschema:"minimum=0" doc:"Payments that wait."`
	Sum       Amount        `json:"sum" doc:"Of all balances: 0.00."`
	Anchor    *Anchor       `json:"anchor,omitempty" doc:"The newest anchor of the chain; left out where there is none yet."`
	Wrong     []Discrepancy `json:"wrong" doc:"What doesn't agree: by check, only those that found something."`
}

// Anchor holds everything in the books that was written before it: who writes its hash down can tell later that nothing of that has changed.
type Anchor struct {
	Number int64  `json:"number" jsonschema:"minimum=1"`
	At     Time   `json:"at"`
	Hash   string `json:"hash" doc:"64 hexadecimal digits in groups of four."`
}

// Discrepancy is what a check of the books found: how many accounts, payments, rows, units of work or anchors fail it, and which are the first of them.
type Discrepancy struct {
	Check string   `json:"check" doc:"A sentence about the rows that fail it."`
	Count int64    `json:"count" jsonschema:"minimum=1"`
	Rows  []string `json:"rows" jsonschema:"maxItems=10" doc:"The first of them: accounts, payments, rows of a table, units of work or anchors."`
}

// Balanced reports whether the books are as they have to be.
func (b Books) Balanced() bool { return b.Sum == 0 && len(b.Wrong) == 0 }

// Payment is a payment with all its names, and what came of it.
type Payment struct {
	ID                int64      `json:"id" jsonschema:"minimum=1" doc:"A number that Kivuko gave it."`
	Kind              Kind       `json:"kind"`
	State             State      `json:"state"`
	Result            string     `json:"result,omitempty" jsonschema:"minLength=1" doc:"The result code, once the payment is final."`
	ResultDesc        string     `json:"resultDesc,omitempty"`
	Reason            string     `json:"reason,omitempty" doc:"Why it failed, for people."`
	Fix               string     `json:"fix,omitempty" doc:"Of what failed: what to do about it."`
	Amount            Amount     `json:"amount"`
	Payer             string     `json:"payer" is:"party"`
	Payee             string     `json:"payee" is:"party"`
	Business          string     `json:"business,omitempty" is:"shortcode" doc:"The business that asked for it."`
	TransactionType   string     `json:"transactionType,omitempty"`
	Reference         string     `json:"reference,omitempty"`
	Description       string     `json:"description,omitempty"`
	CallBackURL       string     `json:"callBackURL,omitempty"`
	TimeoutURL        string     `json:"queueTimeOutURL,omitempty"`
	MerchantRequestID string     `json:"merchantRequestID,omitempty" doc:"Of M-Pesa Express."`
	CheckoutRequestID string     `json:"checkoutRequestID,omitempty" is:"checkout id" doc:"Of M-Pesa Express."`
	OriginatorID      string     `json:"originatorConversationID,omitempty" doc:"Of all APIs but M-Pesa Express: the client's own, or one of Kivuko's."`
	ConversationID    string     `json:"conversationID" is:"conversation id"`
	Receipt           string     `json:"receipt,omitempty" is:"receipt" doc:"Once it is completed, or a business is asked about it."`
	Initiator         string     `json:"initiator,omitempty" doc:"The operator who asked for it."`
	Occasion          string     `json:"occasion,omitempty"`
	Requester         string     `json:"requester,omitempty" is:"customer" doc:"On whose behalf."`
	Original          int64      `json:"original,omitempty" jsonschema:"minimum=1" doc:"The payment that a reversal or a status query is about."`
	OriginalID        string     `json:"originalID,omitempty" doc:"Its identifier, as the request has it."`
	ThirdPartyID      string     `json:"thirdPartyTransID,omitempty" doc:"Of the answer to the validation."`
	TimedOut          bool       `json:"timedOut,omitempty" doc:"It waited too long in the queue, and QueueTimeOutURL is told."`
	AcceptedAt        Time       `json:"acceptedAt"`
	DueAt             Time       `json:"dueAt,omitzero" doc:"While it waits: when it is looked at again."`
	FinishedAt        Time       `json:"finishedAt,omitzero" doc:"Once it is final."`
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
	Party   string `json:"party" is:"party" doc:"A phone number, a shortcode or \"operator\"."`
	Account string `json:"account" jsonschema:"minLength=1" doc:"The account's name in M-PESA."`
}

// Callback is something that a merchant's URL is told, and how that went.
type Callback struct {
	ID        int64           `json:"id"`
	Payment   int64           `json:"payment"`
	Kind      CallbackKind    `json:"kind"`
	Shortcode string          `json:"shortcode" is:"shortcode" doc:"Five to seven digits."`
	URL       string          `json:"url"`
	State     CallbackState   `json:"state"`
	DueAt     Time            `json:"dueAt,omitzero" doc:"While it is pending."`
	Tried     int             `json:"tried" jsonschema:"minimum=0" doc:"Attempts made so far."`
	Attempts  []Attempt       `json:"attempts" doc:"The first 50 and the last 50 attempts."`
	Body      json.RawMessage `json:"body,omitempty" doc:"What is sent; only of a single callback."`
}

// Attempt is one try at a callback.
type Attempt struct {
	At     Time    `json:"at"`
	Status int     `json:"status" doc:"HTTP status; 0 when there was no answer."`
	TookMS float64 `json:"tookMs" jsonschema:"minimum=0"`
	Error  string  `json:"error,omitempty" doc:"Why there was no answer."`
}

// Entry is a request to the gateway with its answer. Bodies are JSON, or text that isn't JSON as a string.
type Entry struct {
	ID          int64           `json:"id"`
	At          Time            `json:"at"`
	TookMS      float64         `json:"tookMs" jsonschema:"minimum=0"`
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	API         string          `json:"api,omitempty" doc:"Its name in the catalogue."`
	Title       string          `json:"title,omitempty" doc:"What people call the API."`
	App         string          `json:"app,omitempty" doc:"Consumer key."`
	Remote      string          `json:"remote,omitempty" doc:"Address of the client."`
	Request     json.RawMessage `json:"request,omitempty" doc:"The body as JSON, or as text where it isn't JSON; secrets are masked."`
	Status      int             `json:"status"`
	Answer      json.RawMessage `json:"answer,omitempty" doc:"The same of the answer."`
	Code        string          `json:"code,omitempty" doc:"errorCode of a refusal."`
	Explanation string          `json:"explanation,omitempty" doc:"Of a refusal or a warning: which check, what was expected, what came."`
	Cause       string          `json:"cause,omitempty" doc:"Of a refusal: what makes the gateway answer so."`
	Fix         string          `json:"fix,omitempty" doc:"Of a refusal: what to do about it."`
	Payment     int64           `json:"payment,omitempty"`
	Outcome     *Outcome        `json:"outcome,omitempty" doc:"Of the payment, as it is now."`
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
	Oldest  int64 `json:"oldest" doc:"Number from which on all requests of apps are still there; 0: nothing was noted yet."`
	Payment int64 `json:"payment,omitempty" doc:"The payment that has the identifier which was asked for."`
}

// Advance moves the clock.
type Advance struct {
	By string `json:"by,omitempty" is:"duration" jsonschema:"required" doc:"How far: more than 0, at most 9600h."`
}

// Clock is the time after it was moved.
type Clock struct {
	Now Time `json:"now"`
}

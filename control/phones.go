package control

import (
	"context"
	"iter"
	"net/http"
)

// PhoneLine is a customer and their phone in a list: without what it takes more rows to tell.
type PhoneLine struct {
	MSISDN       string   `json:"msisdn" is:"customer"`
	Name         string   `json:"name"`
	Answers      Answers  `json:"answers" doc:"\"\" is the service's default."`
	AfterMS      Delay    `json:"afterMs" jsonschema:"minimum=0,maximum=600000" doc:"How long it takes to answer; null is the service's default."`
	PINLocked    bool     `json:"pinLocked"`
	BlockedUntil Time     `json:"blockedUntil,omitzero"`
	HeldUntil    Time     `json:"heldUntil,omitzero"`
	Limits       string   `json:"limits" doc:"Empty are the standard ones."`
	Standing     Standing `json:"standing" doc:"\"\" is good."`
}

// Hold says that somebody holds a phone.
type Hold struct {
	Seconds int    `json:"seconds" is:"seconds" jsonschema:"minimum=0,maximum=600" doc:"From now on; 0: the phone is put down."`
	Holder  string `json:"holder,omitempty" is:"holder" doc:"Who holds it: a name that each chooses who does. Several may at a time, and putting it down ends one's own hold only."`
}

// MenuPIN is what the menu asks for before it shows an account.
type MenuPIN struct {
	PIN string `json:"pin,omitempty" is:"pin" doc:"Four digits; without it the owner enters the right one."`
}

// NewPIN is a customer choosing another PIN.
type NewPIN struct {
	Old string `json:"old,omitempty" is:"pin" doc:"Four digits; without it the owner enters the right one."`
	New string `json:"new" is:"pin" doc:"Four digits, and another PIN than the old one."`
}

// MenuResult is what came of a customer's use of the menu that moves nothing.
type MenuResult struct {
	Result     string `json:"result" doc:"0 when it was done."`
	ResultDesc string `json:"resultDesc"`
	Reason     string `json:"reason,omitempty" doc:"Why not, for people."`
}

// Done reports whether the menu did what it was asked for.
func (r MenuResult) Done() bool { return r.Result == "0" }

// CustomerBalance is what the menu says of a customer's balance.
type CustomerBalance struct {
	MenuResult
	Accounts []Account `json:"accounts" doc:"The wallet and the business wallet; none when nothing is shown."`
}

// CustomerStatement is the menu's mini statement.
type CustomerStatement struct {
	MenuResult
	Movements []Movement `json:"movements" jsonschema:"maxItems=5" doc:"The latest payments into and out of the wallet, newest first; none when nothing is shown."`
}

// Movement is a line of a customer's statement: a payment into or out of their wallet.
type Movement struct {
	Payment   int64  `json:"payment"`
	Receipt   string `json:"receipt"`
	At        Time   `json:"at"`
	Details   string `json:"details"`
	PaidIn    Amount `json:"paidIn"`
	Withdrawn Amount `json:"withdrawn" doc:"Without the charge."`
	Charge    Amount `json:"charge"`
	Balance   Amount `json:"balance" doc:"Of the wallet after it."`
}

// Phones lists customers' phones, in the order of their numbers.
func (c *Client) Phones(ctx context.Context, q ListQuery) (*Page[PhoneLine], error) {
	return get[Page[PhoneLine]](ctx, c, query("phones", "after", q.After, "limit", q.Limit))
}

// AllPhones goes through all pages of Phones.
func (c *Client) AllPhones(ctx context.Context, q ListQuery) iter.Seq2[PhoneLine, error] {
	return every(&q.After, func() (*Page[PhoneLine], error) { return c.Phones(ctx, q) })
}

// Hold says that somebody holds a phone for some seconds from now on: prompts wait for them then, unless the phone was told how to
// answer. 0 puts it down; a prompt that they have seen goes on waiting. Several may hold a phone, each under a name (Hold.Holder): this is
// under none.
func (c *Client) Hold(ctx context.Context, number string, seconds int) (*Phone, error) {
	return send[Phone](ctx, c, http.MethodPost, phonePath(number, "/hold"), Hold{Seconds: seconds})
}

// AskBalance has a customer ask the phone's menu for their balance. A wrong PIN is not an error: the result says so. So it is with all
// that the menu asks a PIN for.
func (c *Client) AskBalance(ctx context.Context, number, pin string) (*CustomerBalance, error) {
	return send[CustomerBalance](ctx, c, http.MethodPost, phonePath(number, "/balance"), MenuPIN{pin})
}

// AskStatement has a customer ask the phone's menu for their mini statement.
func (c *Client) AskStatement(ctx context.Context, number, pin string) (*CustomerStatement, error) {
	return send[CustomerStatement](ctx, c, http.MethodPost, phonePath(number, "/statement"), MenuPIN{pin})
}

// ChangePIN has a customer choose another PIN on the phone's menu.
func (c *Client) ChangePIN(ctx context.Context, number string, change NewPIN) (*MenuResult, error) {
	return send[MenuResult](ctx, c, http.MethodPost, phonePath(number, "/pin"), change)
}

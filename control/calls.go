package control

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Health tells that all is well, or returns a problem that says what isn't.
func (c *Client) Health(ctx context.Context) (*Health, error) {
	return get[Health](ctx, c, "health")
}

// Certificate gives the certificate that SecurityCredentials are encrypted with, in PEM.
func (c *Client) Certificate(ctx context.Context) (pem []byte, err error) {
	_, err = c.call(ctx, http.MethodGet, "certificate", nil, &pem)
	return pem, err
}

// Phone shows a customer's phone. Numbers are taken as people write them: 0708374149, +254708374149, 254708374149.
func (c *Client) Phone(ctx context.Context, number string) (*Phone, error) {
	return get[Phone](ctx, c, "phones/"+url.PathEscape(number))
}

// PutPhone creates a phone, or changes what is given.
func (c *Client) PutPhone(ctx context.Context, number string, change PhoneChange) (phone *Phone, created bool, err error) {
	phone = new(Phone)
	status, err := c.call(ctx, http.MethodPut, "phones/"+url.PathEscape(number), change, phone)
	return phone, status == http.StatusCreated, err
}

// Answer enters a PIN for the prompt that is open on a phone, and gives the payment as it then is.
func (c *Client) Answer(ctx context.Context, number, pin string) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, "phones/"+url.PathEscape(number)+"/answer", Answer{PIN: pin})
}

// Cancel presses cancel on the prompt that is open on a phone, and gives the payment as it then is.
func (c *Client) Cancel(ctx context.Context, number string) (*Payment, error) {
	return send[Payment](ctx, c, http.MethodPost, "phones/"+url.PathEscape(number)+"/answer", Answer{Cancel: true})
}

// Messages lists the SMS that a phone got, newest first: at most limit, or the API's usual number for 0.
func (c *Client) Messages(ctx context.Context, number string, limit int) ([]Message, error) {
	list, err := get[Messages](ctx, c, query("phones/"+url.PathEscape(number)+"/messages", "limit", limit))
	if err != nil {
		return nil, err
	}
	return list.Messages, nil
}

// Books adds all transfers up and goes through the chain.
func (c *Client) Books(ctx context.Context) (*Books, error) {
	return c.BooksSince(ctx, "")
}

// BooksSince does so, and checks that the anchor whose hash was written down at some time is part of the chain.
func (c *Client) BooksSince(ctx context.Context, anchor string) (*Books, error) {
	return get[Books](ctx, c, query("books", "anchor", anchor))
}

// PaymentFilter selects payments. Zero values select everything.
type PaymentFilter struct {
	After            string
	Limit            int
	Phone, Shortcode string
	Kind             Kind
	State            State
	Result           string
	Brief            bool // leave transfers and callbacks out
}

// Payments lists payments, newest first.
func (c *Client) Payments(ctx context.Context, f PaymentFilter) (*Page[Payment], error) {
	return get[Page[Payment]](ctx, c, query("payments", "after", f.After, "limit", f.Limit, "phone", f.Phone, "shortcode", f.Shortcode, "kind", f.Kind, "brief", f.Brief,
		"state", f.State, "result", f.Result))
}

// AllPayments goes through all pages of Payments.
func (c *Client) AllPayments(ctx context.Context, f PaymentFilter) iter.Seq2[Payment, error] {
	return every(&f.After, func() (*Page[Payment], error) { return c.Payments(ctx, f) })
}

// Payment shows the payment that has an identifier: a number, receipt, ConversationID, MerchantRequestID, CheckoutRequestID or
// OriginatorConversationID.
func (c *Client) Payment(ctx context.Context, id string) (*Payment, error) {
	return get[Payment](ctx, c, "payments/"+url.PathEscape(id))
}

// PaymentOf is Payment where businesses may have chosen the same OriginatorConversationID: it tells whose is meant. "": no matter.
func (c *Client) PaymentOf(ctx context.Context, shortcode, id string) (*Payment, error) {
	return get[Payment](ctx, c, query("payments/"+url.PathEscape(id), "shortcode", shortcode))
}

// CallbackFilter selects callbacks. Zero values select everything.
type CallbackFilter struct {
	After     string
	Limit     int
	Shortcode string
	State     CallbackState
}

// Callbacks lists callbacks, newest first; what Payments says of filters holds here too.
func (c *Client) Callbacks(ctx context.Context, f CallbackFilter) (*Page[Callback], error) {
	return get[Page[Callback]](ctx, c, query("callbacks", "after", f.After, "limit", f.Limit, "shortcode", f.Shortcode, "state", f.State))
}

// AllCallbacks goes through all pages of Callbacks.
func (c *Client) AllCallbacks(ctx context.Context, f CallbackFilter) iter.Seq2[Callback, error] {
	return every(&f.After, func() (*Page[Callback], error) { return c.Callbacks(ctx, f) })
}

// Callback shows a callback with its body.
func (c *Client) Callback(ctx context.Context, id int64) (*Callback, error) {
	return get[Callback](ctx, c, "callbacks/"+strconv.FormatInt(id, 10))
}

// Resend sends a callback once more, whatever came of it before.
func (c *Client) Resend(ctx context.Context, id int64) (*Callback, error) {
	return send[Callback](ctx, c, http.MethodPost, "callbacks/"+strconv.FormatInt(id, 10)+"/resend", nil)
}

// GiveUp has no more attempts made at a pending callback, until it is resent.
func (c *Client) GiveUp(ctx context.Context, id int64) (*Callback, error) {
	return send[Callback](ctx, c, http.MethodPost, "callbacks/"+strconv.FormatInt(id, 10)+"/give-up", nil)
}

// JournalFilter selects requests. Zero values select everything.
type JournalFilter struct {
	After     string
	Limit     int
	Since     int64 // only those with higher numbers
	Path, App string
	API       string // its name in the catalogue
	Status    int
	Refused   bool   // only what was refused
	Code      string // errorCode
	Number    string // a phone number or a shortcode that the request names
	ID        string // an identifier of a payment, or one that the request or its answer has
	Text      string // that stands in the request, its answer or the explanation
	Payment   int64
}

// Journal lists the latest requests to the gateway, newest first.
func (c *Client) Journal(ctx context.Context, f JournalFilter) (*Journal, error) {
	return get[Journal](ctx, c, query("journal", "after", f.After, "since", f.Since, "limit", f.Limit, "path", f.Path, "app", f.App, "status", f.Status,
		"api", f.API, "refused", f.Refused, "code", f.Code, "number", f.Number, "id", f.ID, "text", f.Text, "payment", f.Payment))
}

// AllJournal goes through all pages of Journal.
func (c *Client) AllJournal(ctx context.Context, f JournalFilter) iter.Seq2[Entry, error] {
	return every(&f.After, func() (*Page[Entry], error) {
		j, err := c.Journal(ctx, f)
		if err != nil {
			return nil, err
		}
		return &j.Page, nil
	})
}

// Request shows a request to the gateway, as long as the journal has it.
func (c *Client) Request(ctx context.Context, id int64) (*Entry, error) {
	return get[Entry](ctx, c, "journal/"+strconv.FormatInt(id, 10))
}

// Advance moves the clock forward, and gives the time it then is. What falls due in between has happened.
func (c *Client) Advance(ctx context.Context, by time.Duration) (now time.Time, err error) {
	clock, err := send[Clock](ctx, c, http.MethodPost, "clock/advance", Advance{By: by.String()})
	if err != nil {
		return time.Time{}, err
	}
	return clock.Now.Time, nil
}

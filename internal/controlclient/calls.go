package controlclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/internal/control/api"
)

// Health tells that all is well, or returns a problem that says what isn't.
func (c *Client) Health(ctx context.Context) (*api.Health, error) {
	return get[api.Health](ctx, c, "health")
}

// Certificate gives the certificate that SecurityCredentials are encrypted with, in PEM.
func (c *Client) Certificate(ctx context.Context) (pem []byte, err error) {
	_, err = c.call(ctx, http.MethodGet, "certificate", nil, &pem)
	return pem, err
}

// Phone shows a customer's phone. Numbers are taken as people write them: 0708374149, +254708374149, 254708374149.
func (c *Client) Phone(ctx context.Context, number string) (*api.Phone, error) {
	return get[api.Phone](ctx, c, "phones/"+url.PathEscape(number))
}

// PutPhone creates a phone, or changes what is given.
func (c *Client) PutPhone(ctx context.Context, number string, change api.PhoneChange) (phone *api.Phone, created bool, err error) {
	phone = new(api.Phone)
	status, err := c.call(ctx, http.MethodPut, "phones/"+url.PathEscape(number), change, phone)
	return phone, status == http.StatusCreated, err
}

// Answer enters a PIN for the prompt that is open on a phone, and gives the payment as it then is.
func (c *Client) Answer(ctx context.Context, number, pin string) (*api.Payment, error) {
	return send[api.Payment](ctx, c, http.MethodPost, "phones/"+url.PathEscape(number)+"/answer", api.Answer{PIN: pin})
}

// Cancel presses cancel on the prompt that is open on a phone, and gives the payment as it then is.
func (c *Client) Cancel(ctx context.Context, number string) (*api.Payment, error) {
	return send[api.Payment](ctx, c, http.MethodPost, "phones/"+url.PathEscape(number)+"/answer", api.Answer{Cancel: true})
}

// Messages lists the SMS that a phone got, newest first: at most limit, or the API's usual number for 0.
func (c *Client) Messages(ctx context.Context, number string, limit int) ([]api.Message, error) {
	list, err := get[api.Messages](ctx, c, query("phones/"+url.PathEscape(number)+"/messages", "limit", limit))
	if err != nil {
		return nil, err
	}
	return list.Messages, nil
}

// Organisation shows a business with its accounts. Its passkey is left out.
func (c *Client) Organisation(ctx context.Context, shortcode string) (*api.Organisation, error) {
	return get[api.Organisation](ctx, c, "organisations/"+url.PathEscape(shortcode))
}

// Books adds all transfers up.
func (c *Client) Books(ctx context.Context) (*api.Books, error) {
	return get[api.Books](ctx, c, "books")
}

// PaymentFilter selects payments. Zero values select everything.
type PaymentFilter struct {
	Before           int64
	Limit            int
	Phone, Shortcode string
	State, Result    string
}

// Payments lists payments, newest first.
func (c *Client) Payments(ctx context.Context, f PaymentFilter) (*api.Payments, error) {
	return get[api.Payments](ctx, c, query("payments", "before", f.Before, "limit", f.Limit, "phone", f.Phone, "shortcode", f.Shortcode,
		"state", f.State, "result", f.Result))
}

// Payment shows the payment that has an identifier: a number, receipt, ConversationID, MerchantRequestID or CheckoutRequestID.
func (c *Client) Payment(ctx context.Context, id string) (*api.Payment, error) {
	return get[api.Payment](ctx, c, "payments/"+url.PathEscape(id))
}

// CallbackFilter selects callbacks. Zero values select everything.
type CallbackFilter struct {
	Before    int64
	Limit     int
	Shortcode string
	State     string
}

// Callbacks lists callbacks, newest first.
func (c *Client) Callbacks(ctx context.Context, f CallbackFilter) (*api.Callbacks, error) {
	return get[api.Callbacks](ctx, c, query("callbacks", "before", f.Before, "limit", f.Limit, "shortcode", f.Shortcode, "state", f.State))
}

// Callback shows a callback with its body.
func (c *Client) Callback(ctx context.Context, id int64) (*api.Callback, error) {
	return get[api.Callback](ctx, c, "callbacks/"+strconv.FormatInt(id, 10))
}

// Resend sends a callback once more, whatever came of it before.
func (c *Client) Resend(ctx context.Context, id int64) (*api.Callback, error) {
	return send[api.Callback](ctx, c, http.MethodPost, "callbacks/"+strconv.FormatInt(id, 10)+"/resend", nil)
}

// JournalFilter selects requests. Zero values select everything.
type JournalFilter struct {
	After, Before int64
	Limit         int
	Path, App     string
	Status        int
}

// Journal lists the latest requests to the gateway, newest first.
func (c *Client) Journal(ctx context.Context, f JournalFilter) (*api.Journal, error) {
	return get[api.Journal](ctx, c, query("journal", "after", f.After, "before", f.Before, "limit", f.Limit, "path", f.Path, "app", f.App, "status", f.Status))
}

// Advance moves the clock forward, and gives the time it then is. What falls due in between has happened.
func (c *Client) Advance(ctx context.Context, by time.Duration) (now time.Time, err error) {
	clock, err := send[api.Clock](ctx, c, http.MethodPost, "clock/advance", api.Advance{By: by.String()})
	if err != nil {
		return time.Time{}, err
	}
	return clock.Now.Time, nil
}

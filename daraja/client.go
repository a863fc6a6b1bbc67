package daraja

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Safaricom's hosts (MpesaExpressSimulate, environments).
const (
	Sandbox    = "https://sandbox.safaricom.co.ke"
	Production = "https://api.safaricom.co.ke"
)

// Timeout bounds one exchange with the host, unless WithHTTPClient brings a client with a bound of its own.
const Timeout = 30 * time.Second

// maxAnswer bounds the body that is read of an answer, in bytes.
const maxAnswer = 1 << 20

// Client calls one Daraja host as one app. It may be used by several goroutines at once. Make it with New.
type Client struct {
	baseURL   string
	key       string
	secret    string
	passkey   string
	initiator initiator
	http      *http.Client
	now       func() time.Time
	token     chan token // holds the token; the one that takes it out has the turn to replace it
}

// Option changes how New makes a Client.
type Option func(*Client)

// WithHTTPClient makes the client use h, with h's own timeout, transport and redirects.
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithClock makes the client read the time from now: for the age of its token and for the Timestamp of WithPasskey.
func WithClock(now func() time.Time) Option { return func(c *Client) { c.now = now } }

// WithPasskey makes STKPush and STKQuery fill in Password and Timestamp where a request has no Password. The passkey
// belongs to the request's BusinessShortCode.
func WithPasskey(passkey string) Option { return func(c *Client) { c.passkey = passkey } }

// WithInitiator makes the client act as this API operator of the organisation: where a request of the APIs that need an
// initiator has no InitiatorName or Initiator it gets name, and where it has no SecurityCredential it gets the password,
// encrypted for the host's certificate as by EncryptCredential. A request in another operator's name gets nothing, because
// wrong passwords lock an operator.
//
// The password is encrypted once and the result is sent with every request (wire.md §15). A certificate that can't be used
// shows as the error of the first request that needs it.
func WithInitiator(name, password string, certPEM []byte) Option {
	credential, err := EncryptCredential(password, certPEM)
	return func(c *Client) { c.initiator = initiator{name: name, credential: credential, err: err} }
}

// New makes a client of the host at baseURL, such as Sandbox or "http://127.0.0.1:8080", for the app with this consumer key
// and secret. Nothing is sent before the first call; a wrong URL shows then.
func New(baseURL, consumerKey, consumerSecret string, opts ...Option) *Client {
	c := &Client{
		baseURL: strings.TrimRight(baseURL, "/"),
		key:     consumerKey,
		secret:  consumerSecret,
		http:    &http.Client{Timeout: Timeout, CheckRedirect: stay},
		now:     time.Now,
		token:   make(chan token, 1),
	}
	c.token <- token{}
	for _, opt := range opts {
		opt(c)
	}
	return c
}

// stay keeps requests for money on the host that they were meant for; the redirect itself becomes an *Error.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// post sends in to an API and reads the answer into out, both as JSON. When the gateway refuses the token it tries once
// more with a new one, which is safe because the token is checked before anything else happens. Nothing else is tried
// twice: Daraja's requests are not idempotent (wire.md §4.1), so that is for the caller to decide.
func (c *Client) post(ctx context.Context, path string, in, out any) error {
	return c.postWith(ctx, path, nil, in, out)
}

// postWith is post with headers besides the usual ones.
func (c *Client) postWith(ctx context.Context, path string, extra http.Header, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("daraja: %s: %w", path, err)
	}
	token, err := c.Token(ctx)
	if err != nil {
		return err
	}
	err = c.postAs(ctx, token, path, extra, body, out)
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.InvalidToken() {
		if token, err = c.tokenAfter(ctx, token); err != nil {
			return err
		}
		err = c.postAs(ctx, token, path, extra, body, out)
	}
	if err != nil {
		return fmt.Errorf("daraja: %s: %w", path, err)
	}
	return nil
}

// postAs is one exchange of post, with the token given.
func (c *Client) postAs(ctx context.Context, token, path string, extra http.Header, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.baseURL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	maps.Copy(req.Header, extra)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	return c.exchange(req, out)
}

// exchange sends req and reads its answer into out. An answer that refuses, or that can't be read into out, is an *Error.
func (c *Client) exchange(req *http.Request, out any) error {
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("HTTP %d: reading the answer: %w", resp.StatusCode, err)
	}
	// An errorCode with HTTP 200 has been seen on the STK query (wire.md §5).
	if resp.StatusCode/100 != 2 || bytes.Contains(body, []byte(`"errorCode"`)) {
		return newError(resp.StatusCode, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return &Error{HTTPStatus: resp.StatusCode, Body: body}
	}
	if a, ok := out.(acceptor); ok && !a.accepted() {
		return newError(resp.StatusCode, body)
	}
	return nil
}

// acceptor is an answer with a code of its own, which may refuse although its HTTP status does not.
type acceptor interface{ accepted() bool }

// accepts reports whether a ResponseCode is 0. Some of the gateway's APIs write it with more than one zero (wire.md §6.1).
func accepts(responseCode string) bool {
	return responseCode != "" && strings.Trim(responseCode, "0") == ""
}

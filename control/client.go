// Package control is a client of the API that drives a running Kivuko and shows what happened in it: phones, organisations, payments,
// callbacks, books, journal and clock. Refusals are returned as *Problem. The types are the API's JSON; /kivuko/v1/openapi.json
// describes it to programs in other languages.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// ErrUnreachable says that nothing answers at the client's URL.
var ErrUnreachable = errors.New("no Kivuko answers there")

// ErrForeign says that something answers at the client's URL, but not as a Kivuko does.
var ErrForeign = errors.New("what answers there is no Kivuko")

// Timeout bounds one call. Adding up the books of millions of payments, and moving the clock over many of them, take a while.
const Timeout = 5 * time.Minute

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 20

// Client calls one Kivuko. It may be used by several goroutines at once.
type Client struct {
	root string
	http *http.Client
}

// New makes a client of the Kivuko at a URL such as "http://127.0.0.1:7070". A password goes into the URL:
// "http://:password@host:7070". Nothing is sent before the first call.
func New(baseURL string) *Client {
	return &Client{root: strings.TrimRight(baseURL, "/") + Root, http: &http.Client{Timeout: Timeout}}
}

// NewVia makes a client whose requests go through a transport, such as one that calls a Kivuko in the same process.
func NewVia(baseURL string, transport http.RoundTripper) *Client {
	c := New(baseURL)
	c.http.Transport = transport
	return c
}

// Call asks for a path below Root for which there is no method of its own. in is sent as JSON unless it is nil; the JSON of the
// answer is read into out unless that is nil.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	_, err := c.call(ctx, method, path, in, out)
	return err
}

// call sends a request, with in as JSON unless it is nil, and reads the answer into out: JSON, or the bytes themselves where
// out is a *[]byte. What is nil takes any JSON, or none.
func (c *Client) call(ctx context.Context, method, path string, in, out any) (status int, err error) {
	resp, err := c.ask(ctx, method, path, in)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, read(resp, out)
}

// IdempotencyHeader has a request that moves money do so once: sent again with the same key of 1 to 64 printable characters and the same body,
// it gets the answer of the first time, which ReplayedHeader says.
const (
	IdempotencyHeader = "Idempotency-Key"
	ReplayedHeader    = "Idempotent-Replayed"
)

// WithIdempotencyKey has requests that move money carry a key. Use a new one for each payment.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyKey{}, key)
}

type idempotencyKey struct{}

// ask sends a request. The caller closes the answer's body.
func (c *Client) ask(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var sent io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.root+path, sent)
	if err != nil {
		return nil, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key, ok := ctx.Value(idempotencyKey{}).(string); ok && method == http.MethodPost {
		r.Header.Set(IdempotencyHeader, key)
	}
	resp, err := c.http.Do(r)
	switch {
	case err == nil:
		return resp, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
}

func read(resp *http.Response, out any) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	media := mediaType(resp)
	if media == ProblemType {
		p := new(Problem)
		if err := json.Unmarshal(body, p); err != nil {
			return fmt.Errorf("%w: %w", ErrForeign, err)
		}
		return p
	}
	if raw, ok := out.(*[]byte); ok && resp.StatusCode == http.StatusOK && (media == PEMType || media == CSVType) {
		*raw = body
		return nil
	}
	if resp.StatusCode == http.StatusNoContent && out == nil {
		return nil
	}
	if resp.StatusCode/100 != 2 || media != "application/json" {
		return fmt.Errorf("%w: HTTP %d with %q", ErrForeign, resp.StatusCode, media)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return nil
}

func mediaType(resp *http.Response) string {
	media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return media
}

// get reads what is at a path.
func get[T any](ctx context.Context, c *Client, path string) (*T, error) {
	return send[T](ctx, c, http.MethodGet, path, nil)
}

func send[T any](ctx context.Context, c *Client, method, path string, in any) (*T, error) {
	out := new(T)
	if _, err := c.call(ctx, method, path, in, out); err != nil {
		return nil, err
	}
	return out, nil
}

// query writes the parameters that are set: those that are not "", 0 or false.
func query(path string, parameters ...any) string {
	q := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		if value := parameters[i+1]; !reflect.ValueOf(value).IsZero() {
			q.Set(parameters[i].(string), fmt.Sprint(value))
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

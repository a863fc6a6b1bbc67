package daraja_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/daraja"
)

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	for name, refusal := range map[string]answer{
		"family 001": {404, invalidToken404},
		"family 002": {401, invalidToken401},
		"family 003": {400, invalidToken400},
		"empty body": {401, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.refusal = refusal
			c := g.client()
			mustPush(t, c)
			g.set(func() { g.issued++ }) // Somebody else asked for a token.
			mustPush(t, c)
			if got := g.tokens(); got != 3 {
				t.Errorf("%d tokens were issued, want the client's, the other's and the client's again", got)
			}
		})
	}
}

func TestATokenThatIsRefusedTwiceIsAnError(t *testing.T) {
	g := newGateway(t)
	g.api = answer{404, invalidToken404}
	_, err := g.client().STKPush(t.Context(), daraja.STKPushRequest{})
	e, ok := errors.AsType[*daraja.Error](err)
	if !ok || !e.InvalidToken() {
		t.Fatalf("got %v, want the refusal of the token", err)
	}
	if got := g.served(); got != 2 {
		t.Errorf("%d attempts, want 2", got)
	}
}

func TestNothingElseIsTriedTwice(t *testing.T) {
	for name, refusal := range map[string]answer{
		"invalid field": {400, invalidField},
		"busy":          {500, `{"errorCode":"500.003.02","errorMessage":"Error Occurred: Spike Arrest Violation"}`},
		"no route":      {404, `{"errorCode":"404.001.01","errorMessage":"Resource not found"}`},
		"firewall":      {503, "<html>Request unsuccessful.</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.api = refusal
			if _, err := g.client().STKPush(t.Context(), daraja.STKPushRequest{}); err == nil {
				t.Error("no error")
			}
			if got := g.served(); got != 1 {
				t.Errorf("%d attempts, want 1", got)
			}
		})
	}
}

func TestRefusedTokensAreReplacedTogether(t *testing.T) {
	g := newGateway(t)
	c := g.client()
	mustPush(t, c)
	g.set(func() { g.issued++ })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { mustPush(t, c) })
	}
	wg.Wait()
	if got := g.tokens(); got != 3 {
		t.Errorf("%d tokens were issued, want 3", got)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	g := newGateway(t)
	elsewhere := httptest.NewServer(http.RedirectHandler(g.URL, http.StatusTemporaryRedirect))
	defer elsewhere.Close()
	_, err := daraja.New(elsewhere.URL, key, secret).Token(t.Context())
	if e, ok := errors.AsType[*daraja.Error](err); !ok || e.HTTPStatus != http.StatusTemporaryRedirect {
		t.Errorf("got %v, want an Error with the redirect's status", err)
	}
}

func TestAHostThatIsNotThereIsNotARefusal(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	for name, url := range map[string]string{"closed": server.URL, "not a URL": "://"} {
		_, err := daraja.New(url, key, secret).STKPush(t.Context(), daraja.STKPushRequest{})
		if _, ok := errors.AsType[*daraja.Error](err); err == nil || ok {
			t.Errorf("%s: got %v, want an error that is not the gateway's", name, err)
		}
	}
}

func TestTheContextEndsACall(t *testing.T) {
	g := newGateway(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.client().STKPush(ctx, daraja.STKPushRequest{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheCallersHTTPClientIsUsed(t *testing.T) {
	broken := errors.New("broken wire")
	transport := roundTrip(func(*http.Request) (*http.Response, error) { return nil, broken })
	c := daraja.New(daraja.Sandbox, key, secret, daraja.WithHTTPClient(&http.Client{Transport: transport}))
	if _, err := c.Token(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v, want the transport's error", err)
	}
}

func mustPush(t *testing.T, c *daraja.Client) {
	t.Helper()
	if _, err := c.STKPush(t.Context(), daraja.STKPushRequest{}); err != nil {
		t.Error(err)
	}
}

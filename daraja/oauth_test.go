package daraja_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

func TestATokenIsKeptUntilShortlyBeforeItExpires(t *testing.T) {
	tests := []struct {
		name, expiresIn string
		kept, renewed   time.Duration // ages at which the token is still used, and is not
	}{
		{"string", `"3599"`, 3538 * time.Second, 3539 * time.Second},
		{"number", `3599`, 3538 * time.Second, 3539 * time.Second},
		{"short life", `"10"`, 8 * time.Second, 9 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.expiresIn = test.expiresIn
			start := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
			now := start
			c := g.client(daraja.WithClock(func() time.Time { return now }))
			for _, step := range []struct {
				age  time.Duration
				want string
			}{{0, "token1"}, {test.kept, "token1"}, {test.renewed, "token2"}} {
				now = start.Add(step.age)
				if got, err := c.Token(t.Context()); got != step.want || err != nil {
					t.Errorf("at the age of %v: got %q, %v, want %q", step.age, got, err, step.want)
				}
			}
		})
	}
}

func TestCallersShareOneToken(t *testing.T) {
	g := newGateway(t)
	c := g.client()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := c.Token(t.Context()); got != "token1" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	wg.Wait()
}

func TestWaitingForATokenEndsWithTheContext(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		answer{200, `{"access_token":"slow","expires_in":"3599"}`}.write(w)
	}))
	defer server.Close()
	c := daraja.New(server.URL, key, secret)
	first := make(chan string)
	go func() {
		token, _ := c.Token(t.Context())
		first <- token
	}()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the one who waits: got %v, want context.Canceled", err)
	}
	close(release)
	if got := <-first; got != "slow" {
		t.Errorf("the one who asked: got %q", got)
	}
}

func TestAnAppThatIsRefusedGetsNoToken(t *testing.T) {
	tests := []struct {
		name   string
		oauth  answer
		status int // of the *Error; 0 when it is another error
		want   string
	}{
		{"wrong key or secret", answer{400, ""}, 400, "consumer key or secret"},
		{"not Basic", answer{400, `{"requestId":"1","errorCode":"400.008.01","errorMessage":"Invalid Authentication passed"}`},
			400, "400.008.01 Invalid Authentication passed"},
		{"a page with status 200", answer{200, "<html><title>Apigee SPA Proxy</title></html>"}, 200, "Apigee SPA Proxy"},
		{"no lifetime", answer{200, `{"access_token":"x"}`}, 0, `expires_in ""`},
		{"odd lifetime", answer{200, `{"access_token":"x","expires_in":"soon"}`}, 0, `expires_in "soon"`},
		{"no token", answer{200, `{"expires_in":"3599"}`}, 0, "access_token of 0 characters"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t)
			g.oauth = test.oauth
			c := g.client()
			_, err := c.STKPush(t.Context(), daraja.STKPushRequest{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want it to say %q", err, test.want)
			}
			if e, ok := errors.AsType[*daraja.Error](err); ok != (test.status != 0) || ok && e.HTTPStatus != test.status {
				t.Errorf("got %#v, want an Error with status %d", e, test.status)
			}
			g.set(func() { g.oauth = answer{} })
			if _, err := c.Token(t.Context()); err != nil {
				t.Errorf("after the refusal ended: %v", err)
			}
		})
	}
}

func TestExpiresInIsWrittenAsAString(t *testing.T) {
	got, err := json.Marshal(daraja.TokenResponse{AccessToken: "c9SQxWWhmdVRlyh0zh8gZDTkubVF", ExpiresIn: "3599"})
	want := `{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":"3599"}`
	if string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

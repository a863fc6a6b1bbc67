package daraja

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// TokenResponse is the answer of GET /oauth/v1/generate. ExpiresIn is in seconds; the gateway sends the string "3599", the
// portal's documentation prints a number (wire.md §3).
type TokenResponse struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   string `json:"expires_in"`
}

// UnmarshalJSON reads expires_in as a string or a number.
func (r *TokenResponse) UnmarshalJSON(data []byte) error {
	var wire struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   Value  `json:"expires_in"`
	}
	err := json.Unmarshal(data, &wire)
	*r = TokenResponse{AccessToken: wire.AccessToken, ExpiresIn: string(wire.ExpiresIn)}
	return err
}

const oauthPath = "/oauth/v1/generate?grant_type=client_credentials"

// renewEarly is how long before its end a token is replaced, so that it does not expire on its way to the gateway.
const renewEarly = time.Minute

// Token returns an access token that is still good for a while: the one the client has, or a new one. The client's other
// methods call it themselves. Callers that wait for the same new token ask the host only once.
//
// It returns an *Error when the host refuses. A wrong consumer key or secret is HTTP 400 with an empty body (wire.md §3).
func (c *Client) Token(ctx context.Context) (string, error) { return c.tokenAfter(ctx, "") }

// tokenAfter is Token for a caller whose token has just been refused: it never returns that one. If somebody else has
// replaced it already, theirs is returned, because asking again would make theirs invalid (wire.md §3).
func (c *Client) tokenAfter(ctx context.Context, refused string) (string, error) {
	var held token
	select { // A mutex would not let those who wait give up with their context.
	case held = <-c.token:
		defer func() { c.token <- held }()
	case <-ctx.Done():
		return "", fmt.Errorf("daraja: waiting for an access token: %w", ctx.Err())
	}
	if held.value != "" && held.value != refused && c.now().Before(held.renewAt) {
		return held.value, nil
	}
	fresh, err := c.generate(ctx)
	if err != nil {
		return "", fmt.Errorf("daraja: access token: %w", err)
	}
	held = fresh
	return held.value, nil
}

// generate asks the host for a new token.
func (c *Client) generate(ctx context.Context) (token, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.baseURL+oauthPath, nil)
	if err != nil {
		return token{}, err
	}
	req.SetBasicAuth(c.key, c.secret)
	asked := c.now()
	var answer TokenResponse
	if err := c.exchange(req, &answer); err != nil {
		if e, ok := errors.AsType[*Error](err); ok && e.HTTPStatus == http.StatusBadRequest && len(e.Body) == 0 {
			return token{}, fmt.Errorf("%w: the gateway answers a wrong consumer key or secret like this", err)
		}
		return token{}, err
	}
	seconds, err := strconv.ParseUint(answer.ExpiresIn, 10, 31)
	if err != nil || answer.AccessToken == "" {
		return token{}, fmt.Errorf("an answer with an access_token of %d characters and expires_in %q",
			len(answer.AccessToken), answer.ExpiresIn)
	}
	// A token that lives shorter than usual, as a test's may, is still used for most of its life.
	lifetime := time.Duration(seconds) * time.Second
	return token{value: answer.AccessToken, renewAt: asked.Add(lifetime - min(renewEarly, lifetime/10))}, nil
}

// token is an access token and when to replace it.
type token struct {
	value   string
	renewAt time.Time
}

package gateway

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/mpesa"
)

const (
	tokenLife = time.Hour
	expiresIn = "3599" // what a fresh token says of itself (wire.md §3)
)

// issueToken gives an app an access token: GET /oauth/v1/generate?grant_type=client_credentials (wire.md §3).
func (g *Gateway) issueToken(c *call) ([]byte, error) {
	r := c.request
	if r.Method != http.MethodGet {
		return nil, apis.Refuse(codes.BadAuthHeader, "the token API takes GET and got %s", r.Method)
	}
	key, secret, ok := r.BasicAuth()
	if !ok {
		return nil, apis.Refuse(codes.BadAuthentication, "expected Authorization: Basic base64(consumerKey:consumerSecret), got %s", describe(r.Header.Get("Authorization")))
	}
	if grant := r.URL.Query().Get("grant_type"); grant != "client_credentials" {
		return nil, apis.Refuse(codes.BadGrantType, "grant_type is %q, not %q", grant, "client_credentials")
	}
	app, err := g.identify(c, key, secret)
	if err != nil {
		return nil, err
	}
	c.Note.App = app.Key
	now := g.Clock.Now()
	text := g.NewToken()
	token := mpesa.Token{Digest: mpesa.DigestToken(text), App: app.Key, Products: app.Products, Issued: now.UnixMilli(),
		Expires: now.Add(tokenLife).UnixMilli(), Sole: g.rulesOf(app).SoleToken}
	if err := g.Engine.Do(c.Context, &mpesa.IssueToken{Token: token}); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"access_token":"%s","expires_in":"%s"}`, text, expiresIn), nil
}

// identify finds the app that a consumer key and secret are of.
func (g *Gateway) identify(c *call, key, secret string) (*mpesa.App, error) {
	from, now := g.origin(c.request), g.Clock.Now()
	if g.tries.tooMany(from, now) {
		return nil, apis.Refuse(codes.SpikeArrest, "too many wrong consumer keys and secrets came, and never a right one from %s: wait a minute", from.Addr())
	}
	app, err := g.Engine.Directory().App(c.Context, key)
	if err != nil {
		return nil, err
	}
	right := app != nil && same(app.Secret, secret)
	g.tries.note(from, right, now)
	switch {
	case app == nil:
		return nil, g.unknownKey(c, key, secret)
	case !right:
		return nil, apis.Refuse(codes.WrongApp, "the consumer secret isn't that of %q", app.Name)
	}
	return app, nil
}

// unknownKey refuses a consumer key that no app has. It may be a secret that was put in the key's place: most of it stays untold.
func (g *Gateway) unknownKey(c *call, key, secret string) error {
	if swapped, err := g.Engine.Directory().App(c.Context, secret); err != nil {
		return err
	} else if swapped != nil {
		return apis.Refuse(codes.WrongApp, "the consumer secret and the consumer key are swapped: the key of %q came in the secret's place; send key:secret", swapped.Name)
	}
	return apis.Refuse(codes.WrongApp, "no app has the consumer key that came, which has %d characters%s", utf8.RuneCountInString(key), beginning(key))
}

// beginning tells how a text begins, for people to know it again, where that is a small part of it.
func beginning(text string) string {
	const shown, ofAll = 4, 10
	if utf8.RuneCountInString(text) < ofAll {
		return ""
	}
	return fmt.Sprintf(" and begins with %q", string([]rune(text)[:shown]))
}

// same compares in a time that tells nothing but whether the lengths differ.
func same(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// authenticate finds the token and sees whether it may be used for the API.
func (g *Gateway) authenticate(c *call) error {
	scheme, value, _ := strings.Cut(c.request.Header.Get("Authorization"), " ")
	if value = strings.TrimSpace(value); !strings.EqualFold(scheme, "Bearer") {
		value = "" // what stands there is no token, and may be the app's secret, which no answer repeats
	}
	invalid := func(format string, args ...any) error {
		c.refused = clip(value)
		return apis.Refuse(invalidToken(c.Path, value), format, args...)
	}
	switch {
	case scheme == "":
		return invalid("there is no Authorization header")
	case value == "":
		return invalid("expected Authorization: Bearer and a token, got %s", describe(c.request.Header.Get("Authorization")))
	}
	token, err := g.Engine.Directory().Token(c.Context, mpesa.DigestToken(value))
	if err != nil {
		return err
	}
	if token == nil {
		return invalid("the access token was not issued here, or a newer one has replaced it")
	}
	c.Note.App = token.App
	if now := g.Clock.Now().UnixMilli(); now >= token.Expires {
		return invalid("the access token expired %s ago", time.Duration(now-token.Expires)*time.Millisecond)
	}
	if c.App, err = g.Engine.Directory().App(c.Context, token.App); err != nil {
		return err
	}
	if c.App == nil || c.App.Created > token.Issued { // the consumer key may have been given anew
		return invalid("the app that the access token was issued to has been deleted")
	}
	if err := c.checkProduct(token); err != nil {
		return err
	}
	c.Rules = g.rulesOf(c.App)
	return nil
}

// checkProduct sees that the app had the API's product when the token was issued (wire.md §2.3).
func (c *call) checkProduct(token *mpesa.Token) error {
	product := c.Path.Product
	if c.App.Production {
		if product = c.Path.Live(); product == "" {
			return apis.Refuse(codes.NoProduct(c.Path.Family), "the API is the sandbox's only") // wire.md §6.2
		}
	}
	if !slices.Contains(token.Products, product) {
		return apis.Refuse(codes.NoProduct(c.Path.Family), "the app %q had not the product %q when the token was issued, but %q", token.App, product, token.Products)
	}
	return nil
}

// invalidToken is how the API says that a token is none. Payments repeat the token (BusinessToCustomer, error response body); what the
// status API answers is not recorded, and is taken to be what clients know for a bad token (wire.md §2.2).
func invalidToken(p *apis.Path, token string) codes.Error {
	family := p.Family
	if p.Tokens != 0 {
		family = p.Tokens
	}
	if family != codes.Payments {
		token = ""
	}
	return codes.InvalidToken(family, clip(token))
}

// describe says for people what an Authorization header has in the place of its scheme, unless it may be a secret.
func describe(header string) string {
	scheme, _, more := strings.Cut(header, " ")
	switch {
	case header == "":
		return "no such header"
	case len(scheme) > len("Negotiate"):
		return "something without a scheme"
	case !more:
		return fmt.Sprintf("%q and nothing after it", scheme)
	default:
		return fmt.Sprintf("the scheme %q", scheme)
	}
}

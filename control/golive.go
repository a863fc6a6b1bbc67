package control

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/kivuko/kivuko/internal/spreadsheet"
)

// GoLive is how far a sandbox app is on its way to production.
type GoLive struct {
	App       string          `json:"app" doc:"The consumer key."`
	Name      string          `json:"name"`
	Step      GoLiveStep      `json:"step" doc:"The next one."`
	Products  []GoLiveProduct `json:"products"`
	Tests     []GoLiveTest    `json:"tests" doc:"Of the products that the app can test."`
	Missing   []string        `json:"missing" doc:"Names of the tests of the chosen products that have not succeeded."`
	Elsewhere bool            `json:"elsewhere" doc:"The app's owner says that they have tested what is missing elsewhere."`
	Terms     Time            `json:"terms,omitzero"`
	Owner     *GoLiveOwner    `json:"owner" doc:"Null until the organisation is verified."`
	OTP       *GoLivePIN      `json:"otp" doc:"Null but where a one-time PIN is asked for."`

	ProductionApp string `json:"productionApp,omitempty" doc:"Its consumer key."`
	Live          Time   `json:"live,omitzero"`
}

// GoLiveProduct is a group of APIs that a production app can have.
type GoLiveProduct struct {
	Name    string   `json:"name"`
	About   string   `json:"about"`
	Needs   string   `json:"needs,omitempty" doc:"The product that the organisation must be assigned."`
	Apart   []string `json:"apart,omitempty" doc:"Not on one app with these, unless the short code is a One Account."`
	Offered bool     `json:"offered" doc:"The app can test it."`
	Chosen  bool     `json:"chosen" doc:"In the first step."`
	Refused string   `json:"refused,omitempty" doc:"Why the organisation, once verified, can't have it."`
}

// GoLiveTest is a test case, filled in from the log.
type GoLiveTest struct {
	Name     string      `json:"name"`
	Product  string      `json:"product"`
	Title    string      `json:"title"`
	How      string      `json:"how"`
	Path     string      `json:"path" doc:"Of the API."`
	Expected string      `json:"expected"`
	Outcome  TestOutcome `json:"outcome" doc:"Empty: not seen yet."`
	Found    string      `json:"found,omitempty" doc:"What was seen."`
	Request  int64       `json:"request,omitempty" doc:"Its number in the journal, which forgets."`
	Payment  int64       `json:"payment,omitempty"`
	At       Time        `json:"at,omitzero"`
}

// GoLiveOwner is who goes live.
type GoLiveOwner struct {
	Shortcode    string `json:"shortcode"`
	Organisation string `json:"organisation" doc:"As its name was given."`
	Username     string `json:"username"`
	Confirmed    Time   `json:"confirmed,omitzero" doc:"By the one-time PIN."`
}

// GoLivePIN is a one-time PIN that was sent.
type GoLivePIN struct {
	Phone     string `json:"phone" doc:"The middle of it masked."`
	SentAt    Time   `json:"sentAt"`
	ExpiresAt Time   `json:"expiresAt"`
	ResendAt  Time   `json:"resendAt" doc:"Another one is sent from then on."`
	TriesLeft int    `json:"triesLeft" doc:"Wrong ones; then the organisation has to be verified again."`
}

// GoLiveCases is the first step: the products that are to be live, whose test cases have to have passed.
type GoLiveCases struct {
	Products  []string `json:"products" is:"offered products" doc:"Their names are in GoLive."`
	Elsewhere bool     `json:"elsewhere,omitempty" doc:"What is missing was tested elsewhere."`
	Terms     bool     `json:"terms" doc:"The terms and conditions are accepted."`
}

// GoLiveVerify is the second step.
type GoLiveVerify struct {
	Type         string `json:"type" doc:"\"Short Code\"."`
	Organisation string `json:"organisation" is:"line" jsonschema:"minLength=1,maxLength=100" doc:"Its name as registered; symbols may be left out, and the end of it."`
	Shortcode    string `json:"shortcode" is:"shortcode"`
	Username     string `json:"username" is:"username" doc:"Of a Business Administrator or Business Manager."`
}

// GoLive shows how far an app is on its way to production, with the test cases filled in.
func (c *Client) GoLive(ctx context.Context, key string) (*GoLive, error) {
	return get[GoLive](ctx, c, goLivePath(key, ""))
}

// PassTests takes the first step: the test cases.
func (c *Client) PassTests(ctx context.Context, key string, step GoLiveCases) (*GoLive, error) {
	return send[GoLive](ctx, c, http.MethodPost, goLivePath(key, "/tests"), step)
}

// VerifyOrganisation takes the second step. The operator is sent a one-time PIN.
func (c *Client) VerifyOrganisation(ctx context.Context, key string, step GoLiveVerify) (*GoLive, error) {
	return send[GoLive](ctx, c, http.MethodPost, goLivePath(key, "/verification"), step)
}

// ConfirmLivePIN takes the third step: the one-time PIN.
func (c *Client) ConfirmLivePIN(ctx context.Context, key, otp string) (*GoLive, error) {
	return send[GoLive](ctx, c, http.MethodPost, goLivePath(key, "/otp"), GoLivePINEntry{otp})
}

// ResendLivePIN has another one-time PIN sent.
func (c *Client) ResendLivePIN(ctx context.Context, key string) (*GoLive, error) {
	return send[GoLive](ctx, c, http.MethodPost, goLivePath(key, "/otp/resend"), nil)
}

// ApplyForLive takes the last step: the choice of products. It makes the production app; AppSecret shows its secret and passkey.
func (c *Client) ApplyForLive(ctx context.Context, key string, products []string) (*GoLive, error) {
	return send[GoLive](ctx, c, http.MethodPost, goLivePath(key, "/products"), GoLiveChoice{products})
}

// AbandonGoLive goes back to the first step. What was seen of the test cases stays, and so does a production app.
func (c *Client) AbandonGoLive(ctx context.Context, key string) error {
	_, err := c.call(ctx, http.MethodDelete, goLivePath(key, ""), nil, nil)
	return err
}

func goLivePath(key, rest string) string { return "apps/" + url.PathEscape(key) + "/golive" + rest }

// WriteCSV writes the test cases as the form that the portal has filled in. Times are in East Africa Time.
func (g *GoLive) WriteCSV(w io.Writer) error {
	table := spreadsheet.NewWriter(w)
	table.Write("API", "Test case", "How", "Expected result", "Actual result", "Found", "When")
	for _, t := range g.Tests {
		when := ""
		if !t.At.IsZero() {
			when = t.At.Format(time.DateTime)
		}
		table.Write(t.Product, t.Title, t.How, t.Expected, string(t.Outcome), t.Found, when)
	}
	return table.Flush()
}

// GoLivePINEntry is the third step.
type GoLivePINEntry struct {
	OTP string `json:"otp" is:"otp"`
}

// GoLiveChoice is the last step.
type GoLiveChoice struct {
	Products []string `json:"products" is:"live products" doc:"Their names are in GoLive."`
}

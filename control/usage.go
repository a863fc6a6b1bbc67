package control

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// CallbackTest is what trying a URL for callbacks showed. What comes after the step that failed is missing.
type CallbackTest struct {
	URL          string           `json:"url"`
	Verdicts     []URLVerdict     `json:"verdicts" doc:"Of the profiles."`
	Requirements []URLRequirement `json:"requirements" doc:"That the documents make."`
	Addresses    []URLAddress     `json:"addresses" doc:"That the host leads to."`
	Connections  []URLConnection  `json:"connections" doc:"As they were tried."`
	TLS          *URLSecurity     `json:"tls,omitempty"`
	Answer       *URLAnswer       `json:"answer,omitempty"`
	Error        string           `json:"error,omitempty" doc:"Why it ended early."`
}

// URLVerdict is what a profile makes of a URL.
type URLVerdict struct {
	Profile  Profile  `json:"profile"`
	Runs     bool     `json:"runs" doc:"It is this Kivuko's."`
	Taken    bool     `json:"taken" doc:"The gateway takes requests with it."`
	Reason   string   `json:"reason,omitempty" doc:"Why not."`
	Problems []string `json:"problems,omitempty" doc:"Why callbacks to it would not be delivered."`
	Untried  bool     `json:"untried,omitempty" doc:"Kivuko would connect, which the profile that runs did not: what the server answers isn't known."`
}

// URLRequirement is one that the documents make of callback URLs.
type URLRequirement struct {
	Rule   string `json:"rule"`
	Source string `json:"source"`
	Met    bool   `json:"met"`
	Known  bool   `json:"known" doc:"False: the trial didn't get so far."`
	Found  string `json:"found,omitempty"`
}

// URLAddress is an address of a host.
type URLAddress struct {
	Address string `json:"address"`
	Public  bool   `json:"public" doc:"It is somewhere on the internet."`
}

// URLConnection is a try at an address.
type URLConnection struct {
	Address string  `json:"address" doc:"With its port."`
	TookMS  float64 `json:"tookMs" jsonschema:"minimum=0"`
	Error   string  `json:"error,omitempty"`
}

// URLSecurity is what a server showed when the connection was secured.
type URLSecurity struct {
	Version  string           `json:"version"`
	Cipher   string           `json:"cipher"`
	TookMS   float64          `json:"tookMs" jsonschema:"minimum=0"`
	Chain    []URLCertificate `json:"chain" doc:"The server's own certificate first."`
	Problems []string         `json:"problems,omitempty"`
}

// URLCertificate is what matters of a certificate.
type URLCertificate struct {
	Subject string   `json:"subject"`
	Issuer  string   `json:"issuer"`
	Names   []string `json:"names,omitempty" doc:"Hosts that it is for."`
	From    Time     `json:"from"`
	Until   Time     `json:"until"`
}

// URLAnswer is what a server answered.
type URLAnswer struct {
	Status int     `json:"status"`
	Type   string  `json:"contentType,omitempty"`
	Text   string  `json:"text" doc:"The first bytes."`
	More   bool    `json:"more,omitempty"`
	TookMS float64 `json:"tookMs" jsonschema:"minimum=0"`
}

// TestCallback tries a URL as a callback would be sent: with a POST that says that it is a test.
func (c *Client) TestCallback(ctx context.Context, callback string) (*CallbackTest, error) {
	return send[CallbackTest](ctx, c, http.MethodPost, "callbacks/test", CallbackURL{callback})
}

// Registration are the URLs of an organisation.
type Registration struct {
	Shortcode string `json:"shortcode"`
	Name      string `json:"name"`
	URLs      URLs   `json:"urls"`
}

// RegisteredURLs lists the organisations that have registered URLs for C2B, in the order of their shortcodes. A page may have few or none, and
// there may still be more.
func (c *Client) RegisteredURLs(ctx context.Context, q ListQuery) (*Page[Registration], error) {
	return get[Page[Registration]](ctx, c, query("urls", "after", q.After, "limit", q.Limit))
}

// AllRegisteredURLs goes through all pages of RegisteredURLs.
func (c *Client) AllRegisteredURLs(ctx context.Context, q ListQuery) iter.Seq2[Registration, error] {
	return every(&q.After, func() (*Page[Registration], error) { return c.RegisteredURLs(ctx, q) })
}

// Usage is what an app asked for in the last hours, as this process counted it since it was started.
type Usage struct {
	App         string       `json:"app" doc:"Consumer key."`
	From        Time         `json:"from"`
	StepMinutes int          `json:"stepMinutes"`
	Total       UsageLine    `json:"total"`
	APIs        []UsageOfAPI `json:"apis"`
	Points      []UsageLine  `json:"points" doc:"One a step."`
	Full        bool         `json:"full,omitempty" doc:"There are more apps and APIs than are counted."`
}

// UsageOfAPI is the usage of an API.
type UsageOfAPI struct {
	API   string `json:"api" doc:"\"\": a path that no API has."`
	Title string `json:"title,omitempty" doc:"What people call it."`
	UsageLine
}

// UsageLine is what was counted of something.
type UsageLine struct {
	Requests int64            `json:"requests"`
	Refused  int64            `json:"refused"`
	P50MS    float64          `json:"p50Ms" doc:"Half of the answers took no longer."`
	P95MS    float64          `json:"p95Ms"`
	Errors   map[string]int64 `json:"errors,omitempty" doc:"Refusals by errorCode; 400 are those whose answer has none."`
	Results  map[string]int64 `json:"results,omitempty" doc:"Payments that ended, by result code."`
}

// Usage tells what an app asked for in the last minutes: at most 360, or the API's usual number for 0.
func (c *Client) Usage(ctx context.Context, key string, minutes int) (*Usage, error) {
	return get[Usage](ctx, c, query("apps/"+url.PathEscape(key)+"/usage", "minutes", minutes))
}

// Try is a request of the catalogue that is to be sent.
type Try struct {
	App string       `json:"app" doc:"Consumer key."`
	Try CatalogueTry `json:"try" is:"try"`
}

// Try sends a request of the catalogue to the gateway, and gives the answer, whatever it is: what comes of it stands in the log.
func (c *Client) Try(ctx context.Context, try Try) (*Simulated, error) {
	return send[Simulated](ctx, c, http.MethodPost, "catalogue/try", try)
}

// CallbackURL is a URL that is to be tried.
type CallbackURL struct {
	URL string `json:"url" is:"judged" jsonschema:"maxLength=2000"`
}

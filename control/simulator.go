package control

import (
	"context"
	"encoding/json"
	"net/http"
)

// Draft is a request that works, for one of the gateway's APIs.
type Draft struct {
	API       CatalogueAPI    `json:"api"`
	Body      json.RawMessage `json:"body,omitempty" doc:"{{timestamp}}, {{password}}, {{credential}} and {{unique}} in it are filled in when it is sent to the simulator."`
	Callbacks string          `json:"callbacks,omitempty" doc:"Kivuko's own URL for callbacks that the body names."`
	Notes     []string        `json:"notes,omitempty" doc:"What is still missing, and why."`
}

// Simulate asks for a request to the gateway.
type Simulate struct {
	App      string          `json:"app" doc:"A consumer key."`
	Path     string          `json:"path" is:"api path" doc:"Of one of the gateway's APIs."`
	Body     json.RawMessage `json:"body,omitempty" is:"simulated body" doc:"JSON. A text is sent as it is, even if it isn't JSON."`
	Password string          `json:"password,omitempty" doc:"Of the initiator, for {{credential}}; missing or empty: the test credentials'."`
}

// Simulated is what came of a request to the gateway.
type Simulated struct {
	Entry  Entry           `json:"entry" doc:"As the journal has it: the secrets in the request are masked."`
	Answer json.RawMessage `json:"answer,omitempty" doc:"As it came; in the entry secrets are masked."`
}

// Received is a callback that Kivuko's own URL got.
type Received struct {
	ID   int64           `json:"id"`
	At   Time            `json:"at"`
	Type string          `json:"contentType"`
	Body json.RawMessage `json:"body,omitempty" doc:"Text where it isn't JSON."`
}

// Collected are the callbacks that an app's URL got, newest first, since Kivuko was started.
type Collected struct {
	URL       string     `json:"url" doc:"What is posted there is shown here; empty where the profile's rules don't let callbacks go to this machine."`
	Topic     string     `json:"topic" doc:"Of the console's events."`
	Callbacks []Received `json:"callbacks"`
}

// Draft makes a request that works for the API with a path, as an app's simulator begins with it. In its values {{timestamp}},
// {{password}}, {{credential}} and {{unique}} stand for what Simulate fills in anew each time.
func (c *Client) Draft(ctx context.Context, app, path string) (*Draft, error) {
	return get[Draft](ctx, c, query("simulator", "app", app, "path", path))
}

// Simulate sends a request to the gateway as an app, with a token of its own, and gives the answer, whatever it is.
func (c *Client) Simulate(ctx context.Context, request Simulate) (*Simulated, error) {
	return send[Simulated](ctx, c, http.MethodPost, "simulator", request)
}

// Collected lists what an app's own URL for callbacks got, newest first: those with higher numbers than since (0: all), and at most limit, or the API's
// usual number for 0.
func (c *Client) Collected(ctx context.Context, app string, since int64, limit int) (*Collected, error) {
	return get[Collected](ctx, c, query("simulator/callbacks", "app", app, "since", since, "limit", limit))
}

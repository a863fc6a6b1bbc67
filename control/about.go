package control

import "context"

// About is what runs, and how it was started.
type About struct {
	Version  string  `json:"version"`
	Profile  Profile `json:"profile" doc:"Sandbox or strict."`
	Database string  `json:"database" doc:"A path, \":memory:\" or a URL without its password."`
	Phones   Answers `json:"phones" doc:"How a phone that was not told answers: approve or ask."`
	Now      Time    `json:"now" doc:"By the clock that can be moved."`
	Ahead    string  `json:"ahead" doc:"By how much that clock was moved: \"26h3m0s\"."`
	Open     int64   `json:"open" doc:"Payments that wait for an answer, their turn or a business's word."`
	Owed     int64   `json:"owed" doc:"Callbacks that are still to be sent, or sent again."`
}

// About tells what runs, and how it was started.
func (c *Client) About(ctx context.Context) (*About, error) {
	return get[About](ctx, c, "about")
}

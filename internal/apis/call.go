package apis

import (
	"context"
	"fmt"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Call is a request on its way, by which what serves it reaches the rest of Kivuko.
type Call struct {
	*Services
	Context     context.Context
	Path        *Path
	App         *mpesa.App // that asks
	Rules       *Rules     // that hold for it
	ContentType string     // of the body
	Body        []byte
	Note        journal.Entry
	values
}

// Services are the parts of Kivuko that serve requests.
type Services struct {
	Engine      *engine.Engine
	Store       store.Reader
	Mint        *ids.Mint
	Clock       clock.Clock
	Credentials *credential.Checker // of initiators
}

// Rules are what the profiles differ in, each settable by itself.
type Rules struct {
	SoleToken    bool   // a new token ends the app's older ones
	ClassicQuery bool   // the query of a pending payment answers 500 "The transaction is being processed"
	SpikeArrest  int64  // requests a second for apps without a number of their own; 0: none
	Quota        int64  // requests a day for apps without a number of their own; 0: none
	Profile      string // for explanations

	URLs weburl.Rules // of callbacks

	ForeignCredentials bool // a SecurityCredential that is encrypted for another certificate is taken unread
	RegisterOnce       bool // registered C2B URLs must be deleted before others can be registered
}

// InProduction says of what a production app is refused that its rules may be to blame.
const InProduction = " (the app is in production: production's rules hold for it, whatever the profile)"

// Raw is an answer that is JSON already.
type Raw []byte

// Refusal is why a request is refused: what the wire says, and what people are told.
type Refusal struct {
	Wire   codes.Error
	Reason string
}

func (r Refusal) Error() string { return r.Wire.Error() + ": " + r.Reason }

// Refuse returns a Refusal.
func Refuse(e codes.Error, format string, args ...any) error {
	return Refusal{e, fmt.Sprintf(format, args...)}
}

// wrong refuses a request for a field. The reason goes on after its name.
func wrong(name, format string, args ...any) error {
	return Refuse(codes.InvalidField(name), name+" "+format, args...)
}

// accepted notes the payment that a request has become, and why it has failed already.
func (c *Call) accepted(p *mpesa.Header, failure string) {
	c.Note.Payment = p.ID
	if p.State == mpesa.Failed {
		c.Note.Explanation = "acknowledged; " + failure + ": " + p.Reason
	}
}

// Quote writes a text as a JSON string.
func Quote(s string) []byte { return appendString(nil, s) }

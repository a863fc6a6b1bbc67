package daraja

import "context"

// The kinds of identifier that requests name a party by (wire.md §10, §12).
const (
	IdentifierMSISDN    = "1"  // a phone number
	IdentifierTill      = "2"  // a till number
	IdentifierShortcode = "4"  // an organisation's shortcode; the only one for a sender
	IdentifierReversal  = "11" // the organisation that a reversal takes from
)

// Acknowledgement says that a request in an initiator's name was accepted: B2C, Business to Pochi, B2B, tax, reversal,
// transaction status or account balance (BusinessToPochi, response body; wire.md §7.1). It says nothing about the outcome,
// not even whether the SecurityCredential is right: the Result does, posted to the request's ResultURL.
type Acknowledgement struct {
	ConversationID           string // M-PESA's id, which the Result repeats
	OriginatorConversationID string // the request's, or the gateway's where the request has none; the Result repeats it
	ResponseCode             string // "0"
	ResponseDescription      string
}

func (a *Acknowledgement) accepted() bool { return accepts(a.ResponseCode) }

// UnmarshalJSON reads numbers for strings too: what was accepted must not look like an error.
func (a *Acknowledgement) UnmarshalJSON(data []byte) error {
	type plain Acknowledgement
	return unmarshalTexts(data, (*plain)(a))
}

// initiator is who a client acts as: the name and credential of WithInitiator, or why there is no credential.
type initiator struct {
	name, credential string
	err              error
}

// submit posts in to an API that needs an initiator. name and credential are in's own; empty ones are filled in first.
func (c *Client) submit(ctx context.Context, path string, in any, name, credential *string) (*Acknowledgement, error) {
	if err := c.authorize(name, credential); err != nil {
		return nil, err
	}
	ack := new(Acknowledgement)
	if err := c.post(ctx, path, in, ack); err != nil {
		return nil, err
	}
	return ack, nil
}

// authorize fills in the client's initiator and its credential, each where there is none. Somebody else's name does not
// get the client's credential.
func (c *Client) authorize(name, credential *string) error {
	if c.initiator.name == "" {
		return nil
	}
	if *name == "" {
		*name = c.initiator.name
	}
	if *credential == "" && *name == c.initiator.name {
		*credential = c.initiator.credential
		return c.initiator.err
	}
	return nil
}

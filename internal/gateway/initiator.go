package gateway

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// What requests by initiators have in common (wire.md §7): an operator and his credential, two URLs, and an acknowledgement that
// tells nothing but that the request was accepted.

// request is what these requests have in common. initiator is the field that names the operator, and organisation the one that names
// whose he is.
func (v *values) request(initiator, organisation string) *mpesa.Payment {
	p := &mpesa.Payment{Header: mpesa.Header{Kind: v.api.Kind, Business: v.shortcode(organisation)}}
	p.Payer = p.Business.Party()
	p.Details = mpesa.Details{
		Initiator: v.text(initiator), TransactionType: v.text("CommandID"), Description: v.text("Remarks"), Occasion: v.text("Occassion"),
		TimeoutURL: v.text("QueueTimeOutURL"), CallBackURL: v.text("ResultURL"),
	}
	return p
}

// accept checks the credential, queues the request and acknowledges it. That a credential is wrong shows in the result (wire.md §7.1).
func (g *Gateway) accept(c *call, v *values, p *mpesa.Payment) ([]byte, error) {
	if err := g.checkCredential(c, v, p); err != nil {
		return nil, err
	}
	request := &mpesa.AcceptRequest{Request: *p}
	if err := g.Engine.Do(c.ctx, request); err != nil {
		return nil, err
	}
	if request.Refused != nil {
		return nil, refusal{*request.Refused, request.Reason}
	}
	c.note.Payment = request.Payment.ID
	return g.acknowledge(&request.Payment), nil
}

// acknowledge has the order of BusinessPayBill's response body for payments to businesses, and else that of BusinessToPochi's.
func (g *Gateway) acknowledge(p *mpesa.Payment) []byte {
	b := make([]byte, 0, 240)
	originator := quote(g.Mint.Originator(p.ID, p.Details.Originator))
	conversation := g.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt))
	if p.Kind == mpesa.B2B || p.Kind == mpesa.Tax {
		b = append(append(b, `{"OriginatorConversationID":`...), originator...)
		b = append(append(b, `,"ConversationID":"`...), conversation...)
		b = append(b, '"')
	} else {
		b = append(append(b, `{"ConversationID":"`...), conversation...)
		b = append(append(b, `","OriginatorConversationID":`...), originator...)
	}
	return append(b, `,"ResponseCode":"0","ResponseDescription":"Accept the service request successfully."}`...)
}

// checkCredential notes in the request what is wrong with its SecurityCredential, for its result to tell. One that is encrypted
// for another certificate can't be read here: the sandbox takes the initiator's word for it, and says so in the journal.
func (g *Gateway) checkCredential(c *call, v *values, p *mpesa.Payment) error {
	id := mpesa.OperatorID{Shortcode: p.Business, Username: p.Details.Initiator}
	operator, err := g.Engine.Directory().Operator(c.ctx, id)
	if err != nil || operator == nil || operator.Password == "" {
		return err // the rules find that out by themselves
	}
	verdict, reason, err := g.Credentials.Check(c.ctx, v.text("SecurityCredential"), operator.Password)
	switch {
	case err != nil:
		return err
	case verdict == credential.Right:
	case verdict == credential.Foreign && c.rules.ForeignCredentials:
		c.note.Explanation = "warning: " + reason + " It was accepted unread, as the " + c.rules.Profile + " profile does."
	default:
		p.Details.BadCredential = reason
		c.note.Explanation = "acknowledged; the result will be " + string(codes.InvalidInitiator) + ": " + reason
		if verdict == credential.Foreign && c.app.Production {
			c.note.Explanation += inProduction
		}
	}
	return nil
}

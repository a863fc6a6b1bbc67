package apis

import (
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// What requests by initiators have in common (wire.md §7): an operator and the credential, two URLs, and an acknowledgement that
// tells nothing but that the request was accepted.

// request is what these requests have in common. initiator is the field that names the operator, and organisation the one that names
// whose operator that is.
func (c *Call) request(initiator, organisation string) *mpesa.Payment {
	p := &mpesa.Payment{Header: mpesa.Header{Kind: c.Path.Kind, Business: c.shortcode(organisation)}}
	p.Payer = p.Business.Party()
	p.Details = mpesa.Details{
		Initiator: c.text(initiator), TransactionType: c.text("CommandID"), Description: c.text("Remarks"), Occasion: c.text("Occassion"),
		TimeoutURL: c.text("QueueTimeOutURL"), CallBackURL: c.text("ResultURL"),
	}
	return p
}

// accept checks the credential, queues the request and acknowledges it. That a credential is wrong shows in the result (wire.md §7.1).
func (c *Call) accept(p *mpesa.Payment) (any, error) {
	if err := c.checkCredential(p.Business, p.Details.Initiator, &p.Details.BadCredential); err != nil {
		return nil, err
	}
	request := &mpesa.AcceptRequest{Request: *p}
	if err := c.Engine.Do(c.Context, request); err != nil {
		return nil, err
	}
	if request.Refused != nil {
		return nil, Refusal{*request.Refused, request.Reason}
	}
	c.Note.Payment = request.Payment.ID
	return c.acknowledge(&request.Payment.Header, request.Payment.Details.Originator), nil
}

// acknowledge has the order of BusinessPayBill's response body for payments to businesses, and else that of BusinessToPochi's.
func (c *Call) acknowledge(p *mpesa.Header, chosen string) Raw {
	b := make([]byte, 0, 240)
	originator := Quote(c.Mint.Originator(p.ID, chosen))
	conversation := c.Mint.Conversation(p.ID, time.UnixMilli(p.AcceptedAt))
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

// checkCredential notes in bad what is wrong with the SecurityCredential of a request, for its result to tell. One that is encrypted
// for another certificate can't be read here: the sandbox takes the initiator's word for it, and says so in the journal.
func (c *Call) checkCredential(business mpesa.Shortcode, initiator string, bad *string) error {
	id := mpesa.OperatorID{Shortcode: business, Username: initiator}
	operator, err := c.Engine.Directory().Operator(c.Context, id)
	if err != nil || operator == nil || operator.Password == "" {
		return err // the rules find that out by themselves
	}
	verdict, reason, err := c.Credentials.Check(c.Context, c.text("SecurityCredential"), operator.Password)
	switch {
	case err != nil:
		return err
	case verdict == credential.Right:
	case verdict == credential.Foreign && c.Rules.ForeignCredentials:
		c.Note.Explanation = "warning: " + reason + " It was accepted unread, as the " + c.Rules.Profile + " profile does."
	default:
		*bad = reason
		c.Note.Explanation = "acknowledged; the result will be " + string(codes.InvalidInitiator) + ": " + reason
		if verdict == credential.Foreign && c.App.Production {
			c.Note.Explanation += InProduction
		}
	}
	return nil
}

package gateway

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// What requests by initiators have in common (wire.md §7): an operator and his credential, two URLs, and an acknowledgement that
// tells nothing but that the request was accepted.

// Lengths in characters.
const (
	minRemarks    = 2 // BusinessToPochi, request parameters
	maxRemarks    = 100
	maxIdentifier = 100 // of usernames and of identifiers that clients choose or repeat: the documents name no bound
)

// initiated reads the fields that all these requests have. name is the field that names the initiator.
func (g *Gateway) initiated(f *fields, kind mpesa.Kind, name string) *mpesa.Payment {
	p := &mpesa.Payment{Kind: kind}
	p.Details.Initiator = f.name(name, "the username of an API operator")
	f.text("SecurityCredential", "the operator's password, encrypted with the certificate and in base64")
	p.Details.TransactionType = f.command("CommandID", kind)
	return p
}

// organisation reads the field that names the organisation whose operator asks.
func (f *fields) organisation(name string, p *mpesa.Payment) {
	p.Business = f.shortcode(name)
	p.Payer = p.Business.Party()
}

// outcome reads the fields that payouts and payments to businesses end with, in the documents' order.
func (g *Gateway) outcome(f *fields, p *mpesa.Payment) {
	p.Details.Description = f.remarks("Remarks")
	p.Details.TimeoutURL = f.url("QueueTimeOutURL", g.Rules)
	p.Details.CallBackURL = f.url("ResultURL", g.Rules)
	p.Details.Occasion = f.occasion()
}

// outcomeURLsFirst reads the same fields in the order in which reversal and transaction status have them (DarajaTutorial,
// Reversal; wire.md §10).
func (g *Gateway) outcomeURLsFirst(f *fields, p *mpesa.Payment) {
	p.Details.CallBackURL = f.url("ResultURL", g.Rules)
	p.Details.TimeoutURL = f.url("QueueTimeOutURL", g.Rules)
	p.Details.Description = f.remarks("Remarks")
	p.Details.Occasion = f.occasion()
}

// accept checks the credential, queues the request and acknowledges it. That a credential is wrong shows in the result (wire.md §7.1).
func (g *Gateway) accept(c *call, f *fields, p *mpesa.Payment) ([]byte, error) {
	if f.err != nil {
		return nil, c.withHint(f.err)
	}
	if err := g.checkCredential(c, f, p); err != nil {
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
func (g *Gateway) checkCredential(c *call, f *fields, p *mpesa.Payment) error {
	id := mpesa.OperatorID{Shortcode: p.Business, Username: p.Details.Initiator}
	operator, err := g.Engine.Directory().Operator(c.ctx, id)
	if err != nil || operator == nil || operator.Password == "" {
		return err // the rules find that out by themselves
	}
	text, _ := f.optional("SecurityCredential")
	verdict, reason, err := g.Credentials.Check(c.ctx, text, operator.Password)
	switch {
	case err != nil:
		return err
	case verdict == credential.Right:
	case verdict == credential.Foreign && g.Rules.ForeignCredentials:
		c.note.Explanation = "warning: " + reason + " It was accepted unread, as the " + g.Rules.Profile + " profile does."
	default:
		p.Details.BadCredential = reason
		c.note.Explanation = "acknowledged; the result will be " + string(codes.InvalidInitiator) + ": " + reason
	}
	return nil
}

// command reads a CommandID of a kind of request.
func (f *fields) command(name string, kind mpesa.Kind) string {
	if text, _ := f.optional(name); text != "" {
		if _, ok := mpesa.FindOperation(kind, text); ok {
			return text
		}
	}
	list := mpesa.Commands(kind)
	what := strings.Join(list, ", ")
	text := f.text(name, what)
	f.wrong(name, "%s is %q; expected %s", name, text, what)
	return text
}

// name reads a name or an identifier that is looked for as it is.
func (f *fields) name(name, what string) string {
	text := f.text(name, what)
	f.checkName(name, text)
	return text
}

func (f *fields) checkName(name, text string) {
	f.checkLength(name, text, 0, maxIdentifier)
	if strings.ContainsFunc(text, unicode.IsControl) {
		f.wrong(name, "%s is %q; it can't have control characters", name, text)
	}
}

// optionalName reads a name or an identifier that may be left out or empty.
func (f *fields) optionalName(name string) string {
	text, _ := f.optional(name)
	f.checkName(name, text)
	return text
}

// bounded reads a text of some length, counted in characters.
func (f *fields) bounded(name string, least, most int) string {
	text := f.text(name, fmt.Sprintf("text of %d to %d characters", least, most))
	f.checkLength(name, text, least, most)
	return text
}

func (f *fields) checkLength(name, text string, least, most int) {
	if n := utf8.RuneCountInString(text); n < least || n > most {
		f.wrong(name, "%s has %d characters; expected %d to %d", name, n, least, most)
	}
}

func (f *fields) remarks(name string) string { return f.bounded(name, minRemarks, maxRemarks) }

// occasion reads the optional Occassion, whose key is spelled so in half of the documents, and Occasion in the others; either is
// taken (wire.md §8.1).
func (f *fields) occasion() string {
	for _, name := range []string{"Occassion", "Occasion"} {
		if text, ok := f.optional(name); ok && text != "" {
			f.checkLength(name, text, 0, maxRemarks)
			return text
		}
	}
	return ""
}

// identifier reads a field that tells what kind of party another field names, and sees that it is one of those allowed.
func (f *fields) identifier(name string, allowed ...string) {
	text := f.text(name, "an identifier type")
	if !slices.Contains(allowed, text) {
		f.wrong(name, "%s is %q; expected %s", name, text, strings.Join(allowed, " or "))
	}
}

// optionalCustomer reads a customer's number that may be left out or empty.
func (f *fields) optionalCustomer(name string) msisdn.Number {
	if text, ok := f.optional(name); !ok || text == "" {
		return 0
	}
	return f.customer(name)
}

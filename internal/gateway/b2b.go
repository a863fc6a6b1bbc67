package gateway

import (
	"github.com/kivuko/kivuko/internal/mpesa"
)

const maxAccount = 13 // characters of a B2B AccountReference (BusinessPayBill, request parameters)

// payBusiness accepts a payment to a business, or a move between an organisation's own accounts:
// POST /mpesa/b2b/v1/paymentrequest (BusinessPayBill; DarajaTutorial, B2B; wire.md §9).
func (g *Gateway) payBusiness(c *call) ([]byte, error) { return g.transfer(c, mpesa.B2B) }

// payTax accepts a payment to the Kenya Revenue Authority: POST /mpesa/b2b/v1/remittax (wire.md §9).
func (g *Gateway) payTax(c *call) ([]byte, error) { return g.transfer(c, mpesa.Tax) }

func (g *Gateway) transfer(c *call, kind mpesa.Kind) ([]byte, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	p := g.initiated(f, kind, "Initiator")
	op, _ := mpesa.FindOperation(kind, p.Details.TransactionType)
	f.identifier("SenderIdentifierType", "4")
	if op.Till {
		f.identifier("RecieverIdentifierType", "2", "4") // wire.md §21 row 19
	} else {
		f.identifier("RecieverIdentifierType", "4")
	}
	p.Amount = f.amount("Amount")
	f.organisation("PartyA", p)
	receiver := f.receiver("PartyB")
	if kind == mpesa.Tax && receiver != mpesa.KRA {
		f.wrong("PartyB", "PartyB is %s; tax is paid to %s", receiver, mpesa.KRA)
	}
	p.Payee = receiver.Party()
	p.Details.Reference = f.account(kind == mpesa.Tax || op.Command == mpesa.BusinessPayBill)
	p.Details.Requester = f.optionalCustomer("Requester")
	g.outcome(f, p)
	return g.accept(c, f, p)
}

// nobody is what BusinessPayBill's sample pays. It has the form of a shortcode, and the rules find that nobody has it.
const nobody = "000000"

// receiver reads the shortcode that is to be paid.
func (f *fields) receiver(name string) mpesa.Shortcode {
	if text, ok := f.optional(name); ok && text == nobody {
		return 0
	}
	return f.shortcode(name)
}

// account reads the AccountReference, which some commands need.
func (f *fields) account(required bool) string {
	const name = "AccountReference"
	if required {
		return f.bounded(name, 1, maxAccount)
	}
	text, _ := f.optional(name)
	f.checkLength(name, text, 0, maxAccount)
	return text
}

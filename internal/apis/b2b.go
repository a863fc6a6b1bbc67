package apis

import (
	"slices"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// B2B: an organisation pays another one, or moves money between its own accounts (BusinessPayBill; DarajaTutorial, B2B API; wire.md §9).

const accountMost = 13 // characters of an AccountReference (BusinessPayBill, request parameters)

func b2b() *API {
	receiver := noted(choice("RecieverIdentifierType", "4"), "2 for BusinessBuyGoods only")
	receiver.Cases = []Case{{"CommandID", tillCommands(), Rule{Form: Text, Values: []string{"2", "4"}}}} // wire.md §21 row 19
	payee := plain(Shortcode, "PartyB").example(MarkShortcode2)
	payee.Nobody = true
	account := noted(text("AccountReference", 1, accountMost), "BusinessPayBill needs one, others may have one").example(exampleBill)
	others := slices.DeleteFunc(mpesa.Commands(mpesa.B2B), func(c string) bool { return c == mpesa.BusinessPayBill })
	account.Cases = []Case{{"CommandID", others, Rule{Form: Text, Optional: true, Most: accountMost}}}
	return &API{
		Name: codes.APIB2B, Title: "Business to business", Product: ProductMpesa, Live: golive.B2B, Family: codes.Payments, Kind: mpesa.B2B,
		Source: "BusinessPayBill, request parameters; DarajaTutorial, B2B API",
		Paths: []Path{{Path: "/mpesa/b2b/v1/paymentrequest", Serve: transfer, Fields: slices.Concat(initiator("Initiator", mpesa.B2B), []Field{
			choice("SenderIdentifierType", "4"), receiver, plain(Amount, "Amount"), asking("PartyA"), payee, account, requester(),
		}, outcome())}},
	}
}

// tillCommands lists the CommandIDs by which a till can be paid.
func tillCommands() (list []string) {
	for _, o := range mpesa.Operations() {
		if o.Kind == mpesa.B2B && o.Till {
			list = append(list, o.Command)
		}
	}
	return list
}

// transfer accepts a payment to a business, a move between an organisation's own accounts, or a payment to the Kenya Revenue Authority:
// POST /mpesa/b2b/v1/paymentrequest and /mpesa/b2b/v1/remittax (BusinessPayBill; DarajaTutorial, B2B API; wire.md §9).
func transfer(c *Call) (any, error) {
	p := c.request("Initiator", "PartyA")
	p.Amount = c.amount("Amount")
	p.Payee = c.shortcode("PartyB").Party()
	p.Details.Reference = c.text("AccountReference")
	p.Details.Requester = c.phone("Requester")
	return c.accept(p)
}

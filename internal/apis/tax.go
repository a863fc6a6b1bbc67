package apis

import (
	"slices"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// Tax remittance: an organisation pays the Kenya Revenue Authority (wire.md §9).

func tax() *API {
	payee := Field{Name: "PartyB", Rule: Rule{Form: Shortcode, Values: []string{mpesa.KRA.String()}, What: "the revenue authority's shortcode: tax is paid to " + mpesa.KRA.String()}}
	return &API{
		Name: codes.APITax, Title: "Tax remittance", Product: ProductMpesa, Live: businessProduct(), Family: codes.Payments, Kind: mpesa.Tax, Callbacks: results(paidBusiness, transferFailed), Source: "wire.md §9",
		Paths: []Path{{Path: "/mpesa/b2b/v1/remittax", Serve: transfer, Fields: slices.Concat(initiator("Initiator", mpesa.Tax), []Field{
			choice("SenderIdentifierType", "4"), choice("RecieverIdentifierType", "4"), plain(Amount, "Amount"), asking("PartyA"), payee,
			text("AccountReference", 1, accountMost).example(exampleBill), requester(),
		}, outcome())}},
		Parts:    Parts{seedworld.Payer: {"PartyA"}, seedworld.Initiator: {"Initiator"}},
		Outcomes: append(transfers(), ends(codes.NotPermitted, unassigned)),
		Tests:    transferTests(),
	}
}

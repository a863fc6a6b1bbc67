package apis

import (
	"slices"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
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
		Name: codes.APIB2B, Title: "Business to business", Product: ProductMpesa, Live: businessProduct(), Family: codes.Payments, Kind: mpesa.B2B, Callbacks: results(paidBusiness, transferFailed),
		Source: "BusinessPayBill, request parameters; DarajaTutorial, B2B API",
		Paths: []Path{{Path: "/mpesa/b2b/v1/paymentrequest", Serve: transfer, Fields: slices.Concat(initiator("Initiator", mpesa.B2B), []Field{
			choice("SenderIdentifierType", "4"), receiver, plain(Amount, "Amount"), asking("PartyA"), payee, account, requester(),
		}, outcome())}},
		Parts: Parts{seedworld.Payer: {"PartyA"}, seedworld.Payee: {"PartyB"}, seedworld.Initiator: {"Initiator"}},
		Outcomes: append(transfers(), ends(codes.NotPermitted, "PartyA or PartyB is not assigned B2B, or CommandID doesn't fit PartyB"),
			ends(codes.OperatorNotFound, "PartyB is nobody's shortcode").try(Try{Fields: with{"PartyB": nobody}})),
		Tests: transferTests(),
	}
}

// transfers are the outcomes of payments to businesses.
func transfers() []Outcome {
	return append(moved(), group("transfers",
		ends(codes.InsufficientFunds, "the amount is more than what is available in the account of PartyA that the CommandID debits"),
		ends(codes.AboveBalanceLimit, "the account of PartyB that the CommandID credits would hold more than its limit"),
		ends(codes.AccountNotAllowed, "PartyA's or PartyB's accounts are frozen"),
	)...)
}

func transferTests() []Test {
	return []Test{
		{Name: "b2b-paid", Title: "A business is paid", How: "Pay a pay bill, a till or a tax", Result: codes.Success},
		{Name: "b2b-balance", Title: "The account has too little money", How: "Pay more than it has", Result: codes.InsufficientFunds, Part: seedworld.Payer},
		badInitiator("b2b-initiator"), malformed("b2b-invalid"),
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

// paidBusiness has the order of BusinessPayBill, successful result body, with the key for the debited account that its table and
// every recorded result have (wire.md §9.2, §21 row 15).
func paidBusiness(w *Writer, p *mpesa.Payment) error {
	op, _ := mpesa.FindOperation(p.Kind, p.Details.TransactionType)
	from, _ := p.Details.Of(op.From)
	current := "{Amount={CurrencyCode=KES, MinimumAmount=" + cents(from.Available()) + ", BasicAmount=" + from.Available().String() + "}}"
	w.open("ResultParameters", "ResultParameter")
	w.text("DebitAccountCurrentBalance", current)
	w.shillings("Amount", p.Amount)
	w.text("DebitPartyAffectedAccountBalance", segment(from))
	w.stamp("TransCompletedTime", p.FinishedAt)
	w.text("DebitPartyCharges", charge(op.Charge, p.Details.Charge))
	w.text("ReceiverPartyPublicName", publicName(p.Payee, p.Details.Payee))
	w.text("Currency", "KES")
	w.text("InitiatorAccountCurrentBalance", current)
	w.close()
	w.open("ReferenceData", "ReferenceItem")
	if p.Details.Reference != "" {
		w.text("BillReferenceNumber", p.Details.Reference)
	}
	w.timeoutURL("b2bresults")
	w.close()
	return nil
}

// transferFailed is as BusinessPayBill, unsuccessful result body; observed today: no parameters.
func transferFailed(w *Writer, p *mpesa.Payment) {
	w.open("ResultParameters", "ResultParameter")
	w.stamp("BOCompletedTime", p.FinishedAt)
	w.close()
	w.echo("abresults")
}

// businessProduct is that of payments to businesses and of taxes.
func businessProduct() golive.Product {
	return golive.Product{Name: "B2B Production", About: "Payments to businesses, between own accounts, and of taxes", Needs: mpesa.ProductB2B}
}

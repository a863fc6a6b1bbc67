package apis

import (
	"slices"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// Account balance: what an organisation's accounts hold (wire.md §11).

// LiveBalance is what production apps need.
const LiveBalance = "Account Balance Production"

func balance() *API {
	return &API{
		Name: codes.APIBalance, Title: "Account balance", Product: ProductMpesa,
		Live:   golive.Product{Name: LiveBalance, About: "What is in the accounts"},
		Family: codes.Payments, Kind: mpesa.BalanceQuery, Callbacks: results(tellBalances, balanceFailed),
		Source: "wire.md §11",
		Paths: []Path{{Path: "/mpesa/accountbalance/v1/query", Serve: accountBalance, Fields: slices.Concat(
			initiator("Initiator", mpesa.BalanceQuery), []Field{asking("PartyA"), choice("IdentifierType", "4", "2", "1")}, outcome())}},
		Parts:    Parts{seedworld.Payer: {"PartyA"}, seedworld.Initiator: {"Initiator"}},
		Outcomes: append(initiated(), ends(codes.Success, "the initiator may ask")),
		Tests: []Test{
			{Name: "balance-told", Title: "The balances are told", How: "Ask", Result: codes.Success},
			badInitiator("balance-initiator"),
			malformed("balance-invalid"),
		},
	}
}

// accountBalance accepts a query of what an organisation's accounts hold.
func accountBalance(c *Call) (any, error) { return c.ask(c.query()) }

// tellBalances tells what the organisation's accounts held (wire.md §11).
func tellBalances(w *Writer, q *mpesa.Query) error {
	text := ""
	for _, f := range q.Funds {
		if text != "" {
			text += "&"
		}
		text += segment(f)
	}
	w.open("ResultParameters", "ResultParameter")
	w.text("ActionType", mpesa.AccountBalance)
	w.text("AccountBalance", text)
	w.stamp("BOCompletedTime", q.FinishedAt)
	w.close()
	w.echo("abresults")
	return nil
}

// balanceFailed is as in wire.md §7.3.
func balanceFailed(w *Writer, q *mpesa.Query) {
	w.open("ResultParameters", "ResultParameter")
	if q.Result == codes.CredentialLocked {
		w.text("ActionType", mpesa.AccountBalance)
		w.text("ErrorMsg", "API Password is locked. ")
	}
	w.stamp("BOCompletedTime", q.FinishedAt)
	w.close()
	w.open("ReferenceData", "ReferenceItem")
	w.text("QueueTimeoutURL", "")
	w.close()
}

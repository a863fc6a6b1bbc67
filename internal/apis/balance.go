package apis

import (
	"slices"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Account balance: what an organisation's accounts hold (wire.md §11).

func balance() *API {
	return &API{
		Name: codes.APIBalance, Title: "Account balance", Product: ProductMpesa, Live: golive.Balance, Family: codes.Payments, Kind: mpesa.BalanceQuery,
		Source: "wire.md §11",
		Paths: []Path{{Path: "/mpesa/accountbalance/v1/query", Serve: accountBalance, Fields: slices.Concat(
			initiator("Initiator", mpesa.BalanceQuery), []Field{asking("PartyA"), choice("IdentifierType", "4", "2", "1")}, outcome())}},
	}
}

// accountBalance accepts a query of what an organisation's accounts hold.
func accountBalance(c *Call) (any, error) { return c.accept(c.request("Initiator", "PartyA")) }

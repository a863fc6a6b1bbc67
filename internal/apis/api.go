package apis

import (
	"net/http"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// The products of apps that APIs belong to (DarajaTutorial, API apps; wire.md §14).
const (
	ProductExpress = "Lipa Na M-Pesa Sandbox"
	ProductMpesa   = "M-Pesa Sandbox"
	ProductPochi   = "B2Pochi Sandbox"

	ProductPull       = "Pull Transactions Sandbox"
	ProductRatiba     = "M-Pesa Ratiba Sandbox"
	ProductB2BExpress = "B2B Express Sandbox"
)

// The names of APIs that give no result codes. The others are in package codes.
const (
	OAuth        = "oauth"
	C2BRegister  = "c2bregister"
	C2BSimulate  = "c2bsimulate"
	QR           = "qr"
	PullRegister = "pullregister"
	PullQuery    = "pullquery"
	OrgInfo      = "orginfo"
)

// APIs lists every API that the gateway has, in the documents' order. The caller may keep the list, and change nothing in it that is
// itself a list.
func APIs() []API {
	list := []API{
		{Name: OAuth, Method: http.MethodGet, Path: "/oauth/v1/generate", Query: "grant_type=client_credentials", Family: codes.STK,
			Source: "DarajaTutorial, Generate token; wire.md §3"},
		{Name: codes.APIExpress, Path: "/mpesa/stkpush/v1/processrequest", Family: codes.STK, Product: ProductExpress, Live: golive.Express,
			Source: "MpesaExpressSimulate, request parameters", Fields: pushFields()},
		{Name: codes.APIQuery, Path: "/mpesa/stkpushquery/v1/query", Family: codes.STK, Product: ProductExpress, Live: golive.Express,
			Source: "wire.md §5", Fields: queryFields()},
		c2bRegister("/mpesa/c2b/v1/registerurl", 1), c2bSimulate("/mpesa/c2b/v1/simulate", 1),
		c2bRegister("/mpesa/c2b/v2/registerurl", 2), c2bSimulate("/mpesa/c2b/v2/simulate", 2),
	}
	list = append(append(list, initiated()...), beyond()...)
	for i := range list {
		if list[i].Method == "" {
			list[i].Method = http.MethodPost
		}
	}
	return list
}

func c2bRegister(path string, version int) API {
	return API{Name: C2BRegister, Path: path, Version: version, Family: codes.C2B, Product: ProductMpesa, Live: golive.C2B,
		Source: "DarajaTutorial, Register URL; wire.md §6.1", Fields: registerFields()}
}

func c2bSimulate(path string, version int) API {
	return API{Name: C2BSimulate, Path: path, Version: version, Family: codes.C2B, Product: ProductMpesa,
		Source: "DarajaTutorial, C2B API; wire.md §6.2", Fields: simulateFields()}
}

// initiated lists the APIs in which an organisation's operator asks.
func initiated() []API {
	return []API{
		{Name: codes.APIB2C, Path: "/mpesa/b2c/v1/paymentrequest", Version: 1, Kind: mpesa.B2C, Family: codes.Payments, Product: ProductMpesa, Live: golive.B2C,
			Source: "DarajaTutorial, B2C API", Fields: payoutFields(false, mpesa.B2C)},
		{Name: codes.APIB2C, Path: "/mpesa/b2c/v3/paymentrequest", Version: 3, Kind: mpesa.B2C, Family: codes.Payments, Product: ProductMpesa, Live: golive.B2C,
			Source: "BusinessToCustomer, request parameters", Fields: payoutFields(true, mpesa.B2C)},
		{Name: codes.APIPochi, Path: "/mpesa/b2pochi/v1/paymentrequest", Kind: mpesa.B2Pochi, Family: codes.Payments, Product: ProductPochi, Live: golive.B2C,
			Source: "BusinessToPochi, request parameters", Fields: payoutFields(true, mpesa.B2Pochi, mpesa.B2C)},
		{Name: codes.APIB2B, Path: "/mpesa/b2b/v1/paymentrequest", Kind: mpesa.B2B, Family: codes.Payments, Product: ProductMpesa, Live: golive.B2B,
			Source: "BusinessPayBill, request parameters; DarajaTutorial, B2B API", Fields: transferFields()},
		{Name: codes.APITax, Path: "/mpesa/b2b/v1/remittax", Kind: mpesa.Tax, Family: codes.Payments, Product: ProductMpesa, Live: golive.B2B,
			Source: "wire.md §9", Fields: taxFields()},
		{Name: codes.APIReversal, Path: "/mpesa/reversal/v1/request", Kind: mpesa.Reversal, Family: codes.STK, Product: ProductMpesa, Live: golive.Reversal,
			Source: "DarajaTutorial, Reversal API; wire.md §12", Fields: reversalFields()},
		{Name: codes.APIStatus, Path: "/mpesa/transactionstatus/v1/query", Kind: mpesa.StatusQuery, Family: codes.C2B, Tokens: codes.STK, Product: ProductMpesa, Live: golive.Status,
			Source: "wire.md §10", Fields: statusFields()},
		{Name: codes.APIBalance, Path: "/mpesa/accountbalance/v1/query", Kind: mpesa.BalanceQuery, Family: codes.Payments, Product: ProductMpesa, Live: golive.Balance,
			Source: "wire.md §11", Fields: balanceFields()},
	}
}

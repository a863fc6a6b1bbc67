package apis

import (
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Business to Pochi: an organisation pays into a customer's business wallet (BusinessToPochi).

func pochi() *API {
	return &API{
		Name: codes.APIPochi, Title: "Business to Pochi", Product: "B2Pochi Sandbox", Live: golive.B2C, Family: codes.Payments, Kind: mpesa.B2Pochi,
		Source: "BusinessToPochi, request parameters",
		Paths:  []Path{{Path: "/mpesa/b2pochi/v1/paymentrequest", Serve: payOut, Fields: payoutFields(true, mpesa.B2Pochi, mpesa.B2C)}},
	}
}

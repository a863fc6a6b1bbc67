package testworld

import (
	"testing"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// The paths of the APIs besides M-Pesa Express.
const (
	B2CPath        = "/mpesa/b2c/v3/paymentrequest"
	B2CV1Path      = "/mpesa/b2c/v1/paymentrequest"
	PochiPath      = "/mpesa/b2pochi/v1/paymentrequest"
	B2BPath        = "/mpesa/b2b/v1/paymentrequest"
	TaxPath        = "/mpesa/b2b/v1/remittax"
	ReversalPath   = "/mpesa/reversal/v1/request"
	StatusPath     = "/mpesa/transactionstatus/v1/query"
	BalancePath    = "/mpesa/accountbalance/v1/query"
	RegisterPath   = "/mpesa/c2b/v2/registerurl"
	RegisterV1Path = "/mpesa/c2b/v1/registerurl"
	SimulatePath   = "/mpesa/c2b/v2/simulate"
	SimulateV1Path = "/mpesa/c2b/v1/simulate"
)

// More of what the world starts with: an organisation with money, one that it may pay, and their API user.
const (
	Organisation     = "600000"
	Receiver         = "600001"
	Operator         = "testapi"
	OperatorPassword = "Safaricom999!*!"
)

// Send sends a request as JSON, with some of its fields changed.
func (m *Merchant) Send(t testing.TB, path string, fields, changes Fields) Answer {
	t.Helper()
	return m.Post(t, path, marshal(t, fields, changes))
}

// Requests gives, for the path of each API that an initiator asks over and of each of C2B, a request that nothing is wrong with. Its
// results go to the merchant's CallBack, and it has the merchant's Credential. The payment that reversal and status are about isn't
// there.
func (m *Merchant) Requests() map[string]Fields {
	outcome := Fields{"SecurityCredential": m.Credential, "Remarks": "here are my remarks", "QueueTimeOutURL": m.CallBack + "/timeout", "ResultURL": m.CallBack + "/result"}
	initiated := outcome.With(Fields{"Initiator": Operator})
	payout := outcome.With(Fields{"InitiatorName": Operator, "Amount": "10", "PartyA": Organisation, "PartyB": John, "Occassion": "Christmas"})
	business := initiated.With(Fields{"SenderIdentifierType": "4", "RecieverIdentifierType": "4", "Amount": "239", "PartyA": Organisation, "AccountReference": "353353",
		"Requester": "254700000000", "Occassion": "Christmas"})
	register := Fields{"ShortCode": Organisation, "ResponseType": mpesa.ResponseCompleted, "ConfirmationURL": m.CallBack + "/confirmation", "ValidationURL": m.CallBack + "/validation"}
	simulate := Fields{"ShortCode": Organisation, "CommandID": daraja.CustomerPayBillOnline, "Amount": "100", "Msisdn": John, "BillRefNumber": "account"}
	return map[string]Fields{
		B2CV1Path:      payout.With(Fields{"CommandID": "BusinessPayment"}),
		B2CPath:        payout.With(Fields{"OriginatorConversationID": "feb5e3f2-fbbc-4745-844c-ee37b546f627", "CommandID": "BusinessPayment"}),
		PochiPath:      payout.With(Fields{"OriginatorConversationID": "600997_Test_32et3241ed8yu", "CommandID": "BusinessPayToPochi"}),
		B2BPath:        business.With(Fields{"CommandID": "BusinessPayBill", "PartyB": Receiver}),
		TaxPath:        business.With(Fields{"CommandID": "PayTaxToKRA", "PartyB": "572572"}),
		ReversalPath:   initiated.With(Fields{"CommandID": "TransactionReversal", "TransactionID": "PKE52PAWR9", "Amount": "10", "ReceiverParty": Organisation, "RecieverIdentifierType": "11", "Occasion": "work"}),
		StatusPath:     initiated.With(Fields{"CommandID": "TransactionStatusQuery", "TransactionID": "PKE52PAWR9", "PartyA": Organisation, "IdentifierType": "4", "Occasion": "work"}),
		BalancePath:    initiated.With(Fields{"CommandID": "AccountBalance", "PartyA": Organisation, "IdentifierType": "4"}),
		RegisterPath:   register,
		RegisterV1Path: register,
		SimulatePath:   simulate,
		SimulateV1Path: simulate,
	}
}

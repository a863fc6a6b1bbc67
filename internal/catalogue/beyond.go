package catalogue

import (
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// The forms of fields that only the APIs beyond the documents have.
const (
	formDay      = "day"      // yyyymmdd
	formDateTime = "datetime" // YYYY-MM-DD HH:mm:ss
	formNumber   = "number"   // a whole number
)

// The products of apps that these APIs belong to.
const (
	productPull       = "Pull Transactions Sandbox"
	productRatiba     = "M-Pesa Ratiba Sandbox"
	productB2BExpress = "B2B Express Sandbox"
)

// beyond lists the APIs that the documents don't have (wire.md §14).
func beyond() []control.CatalogueAPI {
	return []control.CatalogueAPI{
		post("qr", "/mpesa/qrcode/v1/generate", productMpesa, "wire.md §14.1", []field{
			noted(plain(formText, "MerchantName"), "at most 95 bytes"), noted(plain(formText, "RefNo"), "at most 95 bytes"), plain(formAmount, "Amount"),
			choice("TrxCode", "BG", "WA", "PB", "SM", "SB"), noted(plain(formShortcode, "CPI"), "for SM and SB a phone number"),
			noted(plain(formNumber, "Size"), "pixels: at most 1000, and enough for the code")}),
		post("pullregister", "/pulltransactions/v1/register", productPull, "wire.md §14.3", []field{
			plain(formShortcode, "ShortCode"), choice("RequestType", "Pull", "pull"), plain(formPhone, "NominatedNumber"), plain(formURL, "CallBackURL")}),
		post("pullquery", "/pulltransactions/v1/query", productPull, "wire.md §14.3", []field{
			plain(formShortcode, "ShortCode"), plain(formDateTime, "StartDate"), plain(formDateTime, "EndDate"),
			optional(plain(formNumber, "OffSetValue"), "how many payments to leave out")}),
		post("b2bexpress", "/v1/ussdpush/get-msisdn", productB2BExpress, "wire.md §14.2", []field{
			plain(formShortcode, "primaryShortCode"), noted(plain(formShortcode, "receiverShortCode"), "another than primaryShortCode"),
			plain(formAmount, "amount"), text("paymentRef", 1, nameMost), plain(formURL, "callbackUrl"), text("partnerName", 1, nameMost),
			noted(text("RequestRefID", 1, nameMost), "RequestRefId is read too")}),
		post("ratiba", "/standingorder/v1/createStandingOrderExternal", productRatiba, "wire.md §14.4", orderFields()),
		post("orginfo", "/sfcverify/v1/query/info", productMpesa, "wire.md §14.6", []field{
			choice("IdentifierType", "4", "2"), plain(formShortcode, "Identifier")}),
	}
}

func orderFields() []field {
	return []field{
		noted(text("StandingOrderName", 1, nameMost), "one that the customer has not agreed to before"), plain(formDay, "StartDate"), plain(formDay, "EndDate"),
		plain(formShortcode, "BusinessShortCode"),
		choice("TransactionType", "Standing Order Customer Pay Bill", "Standing Order Pay Bill External Third Party", "Standing Order Pay Bill Ext-Third Party",
			"Standing Order Customer Pay Marchant", "Standing Order Customer Pay Merchant", "Standing Order Pay Merchant External Third Party",
			"Standing Order Pay Merchant Ext-Third Party"),
		choice("ReceiverPartyIdentifierType", "4", "2"), plain(formAmount, "Amount"), plain(formPhone, "PartyA"), plain(formURL, "CallBackURL"),
		text("AccountReference", 1, 12), optional(text("TransactionDesc", 0, 13), ""), choice("Frequency", frequencies()...),
		optional(text("CustomStoId", 0, nameMost), "the client's own id of the request"),
	}
}

// frequencies lists the numbers of how often a standing order pays.
func frequencies() (list []string) {
	for f := mpesa.Frequency(1); f.String() != ""; f++ {
		list = append(list, string(rune('0'+f)))
	}
	return list
}

package catalogue

import (
	"net/http"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// What the APIs take. The gateway reads the fields in this order; package codetest sees that it does as it stands here.

// The forms of fields.
const (
	formText       = "text"
	formShortcode  = "shortcode"  // five to seven digits
	formPhone      = "phone"      // 254 and nine digits
	formAmount     = "amount"     // 1 to 999,999,999 whole shillings
	formURL        = "url"        // http or https; strict profile: https, and without some words
	formTimestamp  = "timestamp"  // YYYYMMDDHHmmss
	formPassword   = "password"   // base64 of shortcode, passkey and timestamp
	formCredential = "credential" // base64 of the operator's password, encrypted with the certificate
	formChoice     = "choice"     // one of the values
)

// The products of apps that the APIs belong to (DarajaTutorial, API apps).
const (
	productExpress = "Lipa Na M-Pesa Sandbox"
	productMpesa   = "M-Pesa Sandbox"
	productPochi   = "B2Pochi Sandbox"
)

type field = control.CatalogueField

func text(name string, least, most int) field {
	return field{Name: name, Form: formText, Least: least, Most: most}
}

func plain(form, name string) field { return field{Name: name, Form: form} }

func choice(name string, values ...string) field {
	return field{Name: name, Form: formChoice, Values: values}
}

func optional(f field, note string) field {
	f.Optional, f.Note = true, note
	return f
}

func noted(f field, note string) field {
	f.Note = note
	return f
}

// Lengths in characters.
const (
	nameMost    = 100
	remarksMost = 100
)

// apis lists the APIs in the documents' order.
func apis() []control.CatalogueAPI {
	list := []control.CatalogueAPI{
		{Name: "oauth", Method: http.MethodGet, Path: "/oauth/v1/generate?grant_type=client_credentials", Fields: []field{},
			Source: "DarajaTutorial, Generate token; wire.md §3"},
		post("stkpush", "/mpesa/stkpush/v1/processrequest", productExpress, "MpesaExpressSimulate, request parameters", pushFields()),
		post("stkquery", "/mpesa/stkpushquery/v1/query", productExpress, "wire.md §5", []field{
			plain(formShortcode, "BusinessShortCode"), noted(plain(formPassword, "Password"), "missing is as wrong as wrong: Wrong credentials"),
			plain(formTimestamp, "Timestamp"), plain(formText, "CheckoutRequestID")}),
	}
	for _, v := range []string{"v1", "v2"} {
		list = append(list,
			post("c2bregister", "/mpesa/c2b/"+v+"/registerurl", productMpesa, "DarajaTutorial, Register URL; wire.md §6.1", []field{
				plain(formShortcode, "ShortCode"), choice("ResponseType", mpesa.ResponseCompleted, mpesa.ResponseCancelled),
				plain(formURL, "ConfirmationURL"), plain(formURL, "ValidationURL")}),
			post("c2bsimulate", "/mpesa/c2b/"+v+"/simulate", productMpesa, "DarajaTutorial, C2B API; wire.md §6.2", []field{
				plain(formShortcode, "ShortCode"), choice("CommandID", mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline),
				plain(formAmount, "Amount"), plain(formPhone, "Msisdn"), noted(text("BillRefNumber", 1, 20), "a payment to a till must not have one")}))
	}
	list = append(list,
		post("b2c", "/mpesa/b2c/v1/paymentrequest", productMpesa, "DarajaTutorial, B2C API", payoutFields(mpesa.B2C, false)),
		post("b2c", "/mpesa/b2c/v3/paymentrequest", productMpesa, "BusinessToCustomer, request parameters", payoutFields(mpesa.B2C, true)),
		post("b2pochi", "/mpesa/b2pochi/v1/paymentrequest", productPochi, "BusinessToPochi, request parameters", payoutFields(mpesa.B2Pochi, true)),
		post("b2b", "/mpesa/b2b/v1/paymentrequest", productMpesa, "BusinessPayBill, request parameters; DarajaTutorial, B2B API", transferFields(mpesa.B2B)),
		post("tax", "/mpesa/b2b/v1/remittax", productMpesa, "wire.md §9", transferFields(mpesa.Tax)),
		post("reversal", "/mpesa/reversal/v1/request", productMpesa, "DarajaTutorial, Reversal API; wire.md §12", reversalFields()),
		post("status", "/mpesa/transactionstatus/v1/query", productMpesa, "wire.md §10", statusFields()),
		post("balance", "/mpesa/accountbalance/v1/query", productMpesa, "wire.md §11", balanceFields()),
	)
	return append(list, beyond()...)
}

func post(name, path, product, source string, fields []field) control.CatalogueAPI {
	return control.CatalogueAPI{Name: name, Method: http.MethodPost, Path: path, Product: product, Fields: fields, Source: source}
}

func pushFields() []field {
	return []field{
		plain(formShortcode, "BusinessShortCode"), noted(plain(formPassword, "Password"), "missing is as wrong as wrong: Wrong credentials"),
		plain(formTimestamp, "Timestamp"), choice("TransactionType", mpesa.CustomerPayBillOnline, mpesa.CustomerBuyGoodsOnline),
		plain(formAmount, "Amount"), plain(formPhone, "PartyA"), plain(formShortcode, "PartyB"), plain(formPhone, "PhoneNumber"),
		plain(formURL, "CallBackURL"), noted(plain(formText, "AccountReference"), "documented: 12 characters at most; longer ones may give result 1025"),
		optional(plain(formText, "TransactionDesc"), "documented: 13 characters at most")}
}

// initiator are the fields that all requests by initiators have. name is the field that names him.
func initiator(name string, kind mpesa.Kind) []field {
	return []field{text(name, 1, nameMost), plain(formCredential, "SecurityCredential"), choice("CommandID", mpesa.Commands(kind)...)}
}

func payoutFields(kind mpesa.Kind, numbered bool) []field {
	list := initiator("InitiatorName", kind)
	if numbered {
		list = append(list, noted(text("OriginatorConversationID", 1, nameMost), "PartyA may use it once"))
	}
	return append(list, plain(formAmount, "Amount"), plain(formShortcode, "PartyA"), plain(formPhone, "PartyB"),
		remarks(), plain(formURL, "QueueTimeOutURL"), plain(formURL, "ResultURL"), occasion())
}

func transferFields(kind mpesa.Kind) []field {
	list := append(initiator("Initiator", kind), choice("SenderIdentifierType", "4"))
	if kind == mpesa.Tax {
		list = append(list, choice("RecieverIdentifierType", "4"))
	} else {
		list = append(list, noted(choice("RecieverIdentifierType", "4", "2"), "2 for BusinessBuyGoods only"))
	}
	list = append(list, plain(formAmount, "Amount"), plain(formShortcode, "PartyA"))
	if kind == mpesa.Tax {
		list = append(list, choice("PartyB", mpesa.KRA.String()), text("AccountReference", 1, 13))
	} else {
		list = append(list, plain(formShortcode, "PartyB"), noted(text("AccountReference", 1, 13), "BusinessPayBill needs one, others may have one"))
	}
	return append(list, optional(plain(formPhone, "Requester"), "on whose behalf"),
		remarks(), plain(formURL, "QueueTimeOutURL"), plain(formURL, "ResultURL"), occasion())
}

func reversalFields() []field {
	list := append([]field{choice("RecieverIdentifierType", "11", "4")}, initiator("Initiator", mpesa.Reversal)...)
	return append(list, text("TransactionID", 1, nameMost), plain(formAmount, "Amount"), plain(formShortcode, "ReceiverParty"),
		plain(formURL, "ResultURL"), plain(formURL, "QueueTimeOutURL"), remarks(), occasion())
}

func statusFields() []field {
	return append(initiator("Initiator", mpesa.StatusQuery),
		noted(text("TransactionID", 1, nameMost), "may be left out where OriginalConversationID is given"),
		optional(text("OriginalConversationID", 0, nameMost), "OriginatorConversationID is read too"),
		plain(formShortcode, "PartyA"), choice("IdentifierType", "4", "2", "1"),
		plain(formURL, "ResultURL"), plain(formURL, "QueueTimeOutURL"), remarks(), occasion())
}

func balanceFields() []field {
	return append(initiator("Initiator", mpesa.BalanceQuery), plain(formShortcode, "PartyA"), choice("IdentifierType", "4", "2", "1"),
		remarks(), plain(formURL, "QueueTimeOutURL"), plain(formURL, "ResultURL"), occasion())
}

func remarks() field { return text("Remarks", 2, remarksMost) }

func occasion() field {
	return optional(text("Occassion", 0, remarksMost), "Occasion is read too")
}

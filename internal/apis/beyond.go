package apis

import (
	"math"
	"slices"
	"strconv"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/golive"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Bounds of a QR code. The portal names none but that the picture is square: these keep every code legible and every answer small.
const (
	qrSideMost  = 1000 // pixels
	qrBytesMost = 95   // of a name or a reference: two digits tell its length, and that of what holds it
)

// beyond lists the APIs that the documents don't have (wire.md §14).
func beyond() []API {
	return []API{
		{Name: QR, Path: "/mpesa/qrcode/v1/generate", Family: codes.C2B, Product: ProductMpesa, Live: golive.QR, Source: "wire.md §14.1", Fields: qrFields()},
		{Name: PullRegister, Path: "/pulltransactions/v1/register", Family: codes.PullRegister, Product: ProductPull, Live: golive.Pull, Source: "wire.md §14.3", Fields: []Field{
			asking("ShortCode"), choice("RequestType", "Pull", "pull"), customer("NominatedNumber"), plain(URL, "CallBackURL")}},
		{Name: PullQuery, Path: "/pulltransactions/v1/query", Family: codes.Lookups, Product: ProductPull, Live: golive.Pull, Source: "wire.md §14.3", Fields: pullFields()},
		{Name: codes.APICheckout, Path: "/v1/ussdpush/get-msisdn", Family: codes.Checkout, Product: ProductB2BExpress, Live: golive.B2BExpress, Source: "wire.md §14.2", Fields: checkoutFields()},
		{Name: codes.APIStandingOrder, Path: "/standingorder/v1/createStandingOrderExternal", Family: codes.STK, Product: ProductRatiba, Live: golive.Ratiba,
			Source: "wire.md §14.4", Fields: orderFields()},
		{Name: OrgInfo, Path: "/sfcverify/v1/query/info", Family: codes.Lookups, Product: ProductMpesa, Live: golive.OrgInfo, Source: "wire.md §14.6", Fields: []Field{
			choice("IdentifierType", "4", "2"), plain(Shortcode, "Identifier")}},
	}
}

// qrFields are those of a QR code. Its TrxCode is what it can ask for: buy goods, withdraw cash (CPI is an agent's till), pay bill, send
// money, and send to a business, of which the last two have a phone number (wire.md §14.1).
func qrFields() []Field {
	qrText := func(name string) Field {
		return noted(Field{Name: name, Rule: Rule{Form: Text, Bytes: qrBytesMost}}, "at most 95 bytes")
	}
	recipient := noted(plain(Shortcode, "CPI"), "for SM and SB a phone number")
	recipient.Cases = []Case{{"TrxCode", []string{"SM", "SB"}, Rule{Form: Phone}}}
	size := noted(plain(Number, "Size"), "pixels: at most 1000, and enough for the code")
	size.Least, size.Most = 1, qrSideMost
	return []Field{qrText("MerchantName"), qrText("RefNo"), plain(Shillings, "Amount"),
		choice("TrxCode", "BG", "WA", "PB", "SM", "SB"), recipient, size}
}

func pullFields() []Field {
	offset := optional(plain(Number, "OffSetValue"), "how many payments to leave out")
	offset.Most, offset.What = math.MaxInt32, "how many payments to leave out"
	return []Field{asking("ShortCode"), plain(DateTime, "StartDate"), plain(DateTime, "EndDate"), offset}
}

func checkoutFields() []Field {
	// The caller's own id of the request has one name in the portal's sample and another in its table.
	request := noted(identifier("RequestRefID", "an identifier"), "RequestRefId is read too")
	request.Also = "RequestRefId"
	return []Field{
		plain(Shortcode, "primaryShortCode"), noted(asking("receiverShortCode"), "another than primaryShortCode"), plain(Shillings, "amount"),
		identifier("paymentRef", "text that the payer sees"), plain(URL, "callbackUrl"),
		identifier("partnerName", "the name that the payer knows the vendor by"), request,
	}
}

// The TransactionTypes of standing orders, old and new (wire.md §14.4; portal of August 2026; the last of each is what was sent to the
// sandbox).
var (
	orderPayBill  = []string{"Standing Order Customer Pay Bill", "Standing Order Pay Bill External Third Party", "Standing Order Pay Bill Ext-Third Party"}
	orderBuyGoods = []string{"Standing Order Customer Pay Marchant", "Standing Order Customer Pay Merchant", "Standing Order Pay Merchant External Third Party",
		"Standing Order Pay Merchant Ext-Third Party"}
)

// OrderPays tells what payments a standing order makes: the TransactionType of a payment by that of the order, which is one of the
// table's.
func OrderPays(transactionType string) string {
	if slices.Contains(orderBuyGoods, transactionType) {
		return mpesa.CustomerBuyGoodsOnline
	}
	return mpesa.CustomerPayBillOnline
}

func orderFields() []Field {
	request := optional(identifier("CustomStoId", "an identifier"), "the client's own id of the request")
	frequency := Field{Name: "Frequency", Rule: Rule{Form: Number, Values: frequencies(), Least: 1, Most: len(frequencies())}}
	return []Field{
		noted(identifier("StandingOrderName", "a name that none of the customer's standing orders has"), "one that the customer has not agreed to before"),
		plain(Day, "StartDate"), plain(Day, "EndDate"), asking("BusinessShortCode"),
		choice("TransactionType", slices.Concat(orderPayBill, orderBuyGoods)...), choice("ReceiverPartyIdentifierType", "4", "2"),
		plain(Shillings, "Amount"), plain(Phone, "PartyA"), plain(URL, "CallBackURL"), text("AccountReference", 1, 12),
		optional(lines(text("TransactionDesc", 0, 13)), ""), frequency, request,
	}
}

// frequencies lists the numbers of how often a standing order pays.
func frequencies() (list []string) {
	for f := mpesa.Frequency(1); f.String() != ""; f++ {
		list = append(list, strconv.Itoa(int(f)))
	}
	return list
}

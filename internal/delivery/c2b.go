package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// The TransactionType of notifications: what production says of tills, and the documents of pay bills (wire.md §6.3, §21 row 11).
const (
	typePayBill = "Pay Bill"
	typeTill    = "Customer Merchant Payment"
)

// notification appends the body of a validation or confirmation request, in which everything is text (wire.md §6.3).
func (r *renderer) notification(b []byte, p *mpesa.Payment, kind mpesa.DeliveryKind) []byte {
	at := time.UnixMilli(p.ReceiptAt())
	phone, _ := p.Payer.Phone()
	transactionType, reference, balance := typePayBill, p.Details.Reference, ""
	if p.Details.TransactionType == mpesa.CustomerBuyGoodsOnline {
		transactionType, reference = typeTill, ""
	}
	if kind == mpesa.Confirmation {
		balance = credited(p).String()
	}
	first, middle, last := names(p.Details.Payer, p.Details.Masked)
	b = append(b, '{')
	for i, f := range [...]struct{ name, value string }{
		{"TransactionType", transactionType},
		{"TransID", r.mint.Receipt(p.ID, at)},
		{"TransTime", clock.Stamp(at)},
		{"TransAmount", p.Amount.String()},
		{"BusinessShortCode", p.Payee.String()},
		{"BillRefNumber", reference},
		{"InvoiceNumber", ""},
		{"OrgAccountBalance", balance},
		{"ThirdPartyTransID", p.Details.ThirdPartyID},
		{"MSISDN", hidden(phone, p.Details.Masked)},
		{"FirstName", first},
		{"MiddleName", middle},
		{"LastName", last},
	} {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), f.name...), `":`...)
		b = appendString(b, f.value)
	}
	return append(b, '}')
}

// credited is what the account that was paid into then held.
func credited(p *mpesa.Payment) money.Amount {
	for _, f := range p.Details.Funds {
		return f.Balance
	}
	return 0
}

// hidden is the payer's number as the version of the API that the URLs were registered with gives it: version 1 the SHA-256 of its
// digits, version 2 a mask (wire.md §6.3).
func hidden(phone msisdn.Number, version int) string {
	digits := phone.String()
	if version == 1 {
		sum := sha256.Sum256([]byte(digits))
		return hex.EncodeToString(sum[:])
	}
	return digits[:4] + " ***** " + digits[len(digits)-3:]
}

// names splits a customer's name. Version 2 gives the first one only.
func names(name string, version int) (first, middle, last string) {
	parts := strings.Fields(name)
	switch {
	case len(parts) == 0:
		return "", "", ""
	case version != 1 || len(parts) == 1:
		return parts[0], "", ""
	}
	end := len(parts) - 1
	return parts[0], strings.Join(parts[1:end], " "), parts[end]
}

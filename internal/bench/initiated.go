package bench

import (
	"bytes"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// The businesses that pay. Each has KES 1,000,000 in each account (wire.md §20): when it has spent that the next one pays.
var (
	payingCustomers  = sequence(600010, 440) // out of the Utility account
	payingBusinesses = sequence(600450, 440) // out of the Working account
	paidBusinesses   = sequence(600910, 9)
)

// payersAtATime is how many of them pay by turns.
const payersAtATime = 16

func sequence(first, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = first + i
	}
	return list
}

// payOut is B2C, version 3 (BusinessToCustomer, request body). Payments are known by the client's own OriginatorConversationID.
func payOut(credential, run string) api {
	mark := "bench-" + run + "-"
	return api{
		name: B2C, path: "/mpesa/b2c/v3/paymentrequest", businesses: payingCustomers, purses: daraja.UtilityAccount, terms: paid,
		body: func(m *merchant, _ time.Time) string {
			return `{"OriginatorConversationID":"` + mark + `{reference}","InitiatorName":"` + initiator + `","SecurityCredential":"` + credential +
				`","CommandID":"` + daraja.BusinessPayment + `","Amount":"{amount}","PartyA":"` + strconv.Itoa(m.shortcode) +
				`","PartyB":"{phone}","Remarks":"kivuko bench","QueueTimeOutURL":"` + m.callback + `","ResultURL":"` + m.callback + `","Occassion":"bench"}`
		},
		told: func(c *customers, _, callback []byte) (int, payment, bool) {
			text, ok := bytes.CutPrefix(value(callback, `"OriginatorConversationID"`), []byte(mark))
			if !ok {
				return 0, 0, false
			}
			return c.referred(text)
		},
		moves: func(business int, shillings int64, change map[account]int64) {
			change[account{business, daraja.UtilityAccount}] -= shillings
		},
	}
}

// transfer is Business Pay Bill (BusinessPayBill, request body). The request has no identifier of the client's, so its ResultURL
// says which payment a result is of, as merchants' programs do.
func transfer(credential string) api {
	payee := func(business int) int { return paidBusinesses[business%len(paidBusinesses)] }
	return api{
		name: B2B, path: "/mpesa/b2b/v1/paymentrequest", businesses: payingBusinesses, purses: daraja.WorkingAccount, terms: unlimited,
		body: func(m *merchant, _ time.Time) string {
			url := m.callback + "/{reference}"
			return `{"Initiator":"` + initiator + `","SecurityCredential":"` + credential + `","CommandID":"` + daraja.BusinessPayBill +
				`","SenderIdentifierType":"4","RecieverIdentifierType":"4","Amount":"{amount}","PartyA":"` + strconv.Itoa(m.shortcode) +
				`","PartyB":"` + strconv.Itoa(payee(m.shortcode)) + `","AccountReference":"{reference}","Requester":"254700000000","Remarks":"kivuko bench","QueueTimeOutURL":"` +
				url + `","ResultURL":"` + url + `"}`
		},
		told: func(c *customers, rest, _ []byte) (int, payment, bool) { return c.referred(rest) },
		moves: func(business int, shillings int64, change map[account]int64) {
			change[account{business, daraja.WorkingAccount}] -= shillings
			change[account{payee(business), daraja.UtilityAccount}] += shillings
		},
	}
}

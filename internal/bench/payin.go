package bench

import (
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// validatedPaybills are the businesses that are asked whether they take what customers pay. They are nobody else's, because pushes
// to a business with registered URLs are confirmed there too.
var validatedPaybills = sequence(600900, 9)

// The last parts of the URLs that they register.
const (
	validationStep   = "validation"
	confirmationStep = "confirmation"
)

// payIn is C2B: the payment is simulated, the business is asked, takes it, and gets the confirmation (wire.md §6.2, §6.3). Payments
// are known by their BillRefNumber.
func payIn() api {
	return api{
		name: C2B, path: "/mpesa/c2b/v2/simulate", businesses: validatedPaybills, terms: paying, asks: true,
		body: func(m *merchant, _ time.Time) string {
			return `{"ShortCode":"` + strconv.Itoa(m.shortcode) + `","CommandID":"` + daraja.CustomerPayBillOnline +
				`","Amount":"{amount}","Msisdn":"{phone}","BillRefNumber":"{reference}"}`
		},
		told: func(c *customers, _, callback []byte) (int, payment, bool) {
			return c.referred(value(callback, `"BillRefNumber"`))
		},
		moves: func(business int, shillings int64, change map[account]int64) {
			change[account{business, daraja.UtilityAccount}] += shillings
		},
	}
}

package bench

import (
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// passkey is the sandbox's (wire.md §20). Kivuko's paybills 600000 and up have it as well.
const passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"

// expressPaybills are the merchants whose pushes count.
var expressPaybills = []int{174379, 600000, 600001, 600002, 600003, 600004, 600005, 600006, 600007}

// The merchants whose URLs hang and refuse. Their payments don't count.
const (
	hangingPaybill  = 600008
	refusingPaybill = 600009
)

// express is M-Pesa Express. The password in the body is made of the time: merchants make it for every request; once a second
// comes to the same.
func express() api {
	return api{
		name: STK, path: "/mpesa/stkpush/v1/processrequest", businesses: expressPaybills, terms: paying,
		body: func(m *merchant, now time.Time) string {
			shortcode := strconv.Itoa(m.shortcode)
			password, timestamp := daraja.Password(shortcode, passkey, now)
			return `{"BusinessShortCode":` + shortcode + `,"Password":"` + password + `","Timestamp":"` + timestamp +
				`","TransactionType":"` + daraja.CustomerPayBillOnline + `","Amount":"{amount}","PartyA":"{phone}","PartyB":"` + shortcode +
				`","PhoneNumber":"{phone}","CallBackURL":"` + m.callback + `","AccountReference":"{reference}","TransactionDesc":"kivuko bench"}`
		},
		timed: true,
		accepted: func(c *customers, answer []byte) payment {
			return c.payment(value(answer, `"CheckoutRequestID"`))
		},
		told: func(c *customers, _, callback []byte) (int, payment, bool) {
			checkout := value(callback, `"CheckoutRequestID"`)
			i, ok := c.find(checkout)
			return i, c.payment(checkout), ok
		},
		moves: func(business int, shillings int64, change map[account]int64) {
			change[account{business, daraja.UtilityAccount}] += shillings
		},
	}
}

package bench

import (
	"strconv"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// passkey is the sandbox's (wire.md §20). Kivuko's paybills 600000 and up have it as well.
const passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"

// paybills are the merchants whose payments count.
var paybills = [...]string{"174379", "600000", "600001", "600002", "600003", "600004", "600005", "600006", "600007"}

// The merchants whose URLs hang and refuse. Their payments don't count.
const (
	hangingPaybill  = "600008"
	refusingPaybill = "600009"
)

// merchant makes the requests of one paybill: M-Pesa Express, as the seed's sample has it (MpesaExpressSimulate, request body).
type merchant struct {
	shortcode string
	callback  string // URL
	customers *customers
	counts    bool // whether its payments are what is measured

	// The parts of the body between what differs from push to push.
	beforeAmount, beforePayer, beforePhone, beforeReference []byte
}

const afterReference = `","TransactionDesc":"kivuko bench"}`

// stamp renews the password and the timestamp that it is made of. Merchants make them for every request; once a second comes
// to the same.
func (m *merchant) stamp(now time.Time) {
	password, timestamp := daraja.Password(m.shortcode, passkey, now)
	m.beforeAmount = []byte(`{"BusinessShortCode":` + m.shortcode + `,"Password":"` + password + `","Timestamp":"` + timestamp +
		`","TransactionType":"` + daraja.CustomerPayBillOnline + `","Amount":"`)
	m.beforePayer = []byte(`","PartyA":"`)
	m.beforePhone = []byte(`","PartyB":"` + m.shortcode + `","PhoneNumber":"`)
	m.beforeReference = []byte(`","CallBackURL":"` + m.callback + `","AccountReference":"`)
}

// appendBody appends the body of a push. The reference must have at most 12 digits.
func (m *merchant) appendBody(b []byte, phone, amount, reference int64) []byte {
	b = append(b, m.beforeAmount...)
	b = strconv.AppendInt(b, amount, 10)
	b = append(b, m.beforePayer...)
	b = strconv.AppendInt(b, phone, 10)
	b = append(b, m.beforePhone...)
	b = strconv.AppendInt(b, phone, 10)
	b = append(b, m.beforeReference...)
	b = strconv.AppendInt(b, reference, 10)
	return append(b, afterReference...)
}

// pushes puts requests together in memory that it uses again.
type pushes struct {
	head []byte // up to the value of Content-Length
	body []byte
	buf  []byte
}

func newPushes(host, token string) *pushes {
	return &pushes{head: []byte("POST /mpesa/stkpush/v1/processrequest HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + token +
		"\r\nContent-Type: application/json\r\nContent-Length: ")}
}

// request is the whole request; it is good until the next.
func (p *pushes) request(m *merchant, phone, amount, reference int64) []byte {
	p.body = m.appendBody(p.body[:0], phone, amount, reference)
	p.buf = append(p.buf[:0], p.head...)
	p.buf = strconv.AppendInt(p.buf, int64(len(p.body)), 10)
	p.buf = append(p.buf, "\r\n\r\n"...)
	p.buf = append(p.buf, p.body...)
	return p.buf
}

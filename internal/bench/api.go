package bench

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The APIs that can be measured, and all of them in equal shares.
const (
	STK = "stk" // M-Pesa Express: a business asks, the customer enters the PIN
	B2C = "b2c" // a business pays a customer
	C2B = "c2b" // a customer pays a business, which is asked whether it takes the money
	B2B = "b2b" // a business pays a business
	Mix = "mix"
)

// api is one of Daraja's APIs as merchants' programs use it.
type api struct {
	name       string // as --api has it, and in the paths of callbacks
	path       string // that requests are posted to
	businesses []int  // shortcodes of those who ask, or are paid
	purses     string // the account that they pay from, each as long as it has money; "": customers pay
	terms      terms

	body  func(m *merchant, now time.Time) string // of a merchant's requests, with {amount}, {phone} and {reference}
	timed bool                                    // the body depends on the time

	// accepted tells which payment an acknowledgement is of; nil where the request has named it.
	accepted func(c *customers, answer []byte) payment
	// told tells whose payment a callback is of, and which; rest is what follows the business in its path.
	told func(c *customers, rest, callback []byte) (i int, p payment, ok bool)
	// asks: each payment is validated before it is made, and what tells of its end is a confirmation, which has no ResultCode.
	asks bool

	// moves notes what payments that a business asked for, or got, change in the accounts of organisations.
	moves func(business int, shillings int64, change map[account]int64)
}

// account is an account of an organisation, by its name on the wire.
type account struct {
	shortcode int
	name      string
}

// apis are those that are to be measured. credential is the initiators' SecurityCredential; run tells the runs on a database
// apart.
func apis(name, credential, run string) ([]api, error) {
	all := []api{express(), payIn(), payOut(credential, run), transfer(credential)}
	if name == Mix {
		return all, nil
	}
	i := slices.IndexFunc(all, func(a api) bool { return a.name == name })
	if i < 0 {
		return nil, fmt.Errorf("--api is %s, %s, %s, %s or %s, not %q", STK, B2C, C2B, B2B, Mix, name)
	}
	return all[i : i+1], nil
}

// merchant makes the requests of one business.
type merchant struct {
	shortcode int
	callback  string // URL
	customers *customers
	counts    bool  // whether its payments are what is measured
	left      int64 // shillings that it can still pay
	request   template
}

// initiator is the operator who asks for payments by businesses, in every Kivuko's world (wire.md §20).
const (
	initiator         = "testapi"
	initiatorPassword = "Safaricom999!*!"
)

// A reference names a payment: whose it is, and which of theirs.

func appendReference(b []byte, i int, p payment) []byte {
	b = strconv.AppendUint(b, uint64(i), 36)
	b = append(b, '-') // so it never looks like a number, which results would make of it (wire.md §1)
	return strconv.AppendUint(b, uint64(p), 36)
}

// referred reads a reference to one of the customers' payments.
func (c *customers) referred(text []byte) (i int, p payment, ok bool) {
	whose, which, ok := bytes.Cut(text, []byte("-"))
	if !ok {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(string(whose), 36, 32)
	if err != nil || n >= uint64(len(c.list)) {
		return 0, 0, false
	}
	m, err := strconv.ParseUint(string(which), 36, 64)
	return int(n), payment(m), err == nil
}

// template is a body with places for what differs from request to request.
type template []segment

// segment is a text, and what follows it.
type segment struct {
	text []byte
	then place
}

// place says what is to be filled in.
type place int

const (
	end place = iota
	amountHere
	phoneHere
	referenceHere
)

var places = map[string]place{"{amount}": amountHere, "{phone}": phoneHere, "{reference}": referenceHere}

func newTemplate(text string) (t template) {
	for {
		at, mark := len(text), ""
		for m := range places {
			if i := strings.Index(text, m); i >= 0 && i < at {
				at, mark = i, m
			}
		}
		t = append(t, segment{[]byte(text[:at]), places[mark]})
		if mark == "" {
			return t
		}
		text = text[at+len(mark):]
	}
}

// append appends the body for a payment of a customer.
func (t template) append(b []byte, amount, phone int64, customer int, p payment) []byte {
	for _, s := range t {
		b = append(b, s.text...)
		switch s.then {
		case amountHere:
			b = strconv.AppendInt(b, amount, 10)
		case phoneHere:
			b = strconv.AppendInt(b, phone, 10)
		case referenceHere:
			b = appendReference(b, customer, p)
		}
	}
	return b
}

// requests puts requests together in memory that it uses again.
type requests struct {
	heads map[string][]byte // by API: up to the value of Content-Length
	body  []byte
	buf   []byte
}

func newRequests(host, token string, list []api) *requests {
	r := &requests{heads: map[string][]byte{}}
	for _, a := range list {
		r.heads[a.name] = []byte("POST " + a.path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + token +
			"\r\nContent-Type: application/json\r\nContent-Length: ")
	}
	return r
}

// request is the whole request; it is good until the next.
func (r *requests) request(api string, m *merchant, customer int, amount int64) []byte {
	x := &m.customers.list[customer]
	r.body = m.request.append(r.body[:0], amount, m.customers.msisdn(customer), customer, payment(x.turn))
	r.buf = append(r.buf[:0], r.heads[api]...)
	r.buf = strconv.AppendInt(r.buf, int64(len(r.body)), 10)
	r.buf = append(r.buf, "\r\n\r\n"...)
	r.buf = append(r.buf, r.body...)
	return r.buf
}

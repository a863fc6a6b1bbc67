// Package ids mints the identifiers of the wire (wire.md §16) and reads them back.
//
// A payment has one number in the database. Its receipt, its ConversationID and its MerchantRequestID are functions of that
// number and of a key that belongs to the installation, and can be turned back into the number: they need no column and no
// index, and still look as opaque as the real ones. A CheckoutRequestID says when and whose phone; those two find the payment.
package ids

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Mint makes and reads identifiers. Installations with the same key make the same identifiers.
type Mint struct {
	receipt      permutation
	conversation permutation
	instance     string // the 27 characters that all MerchantRequestIDs of an installation begin with
	gateway      string // the same for the requestIds of refused requests
	refused      atomic.Int64
}

// New makes a Mint from an installation's key, which may be of any length.
func New(key []byte) *Mint {
	return &Mint{
		receipt:      newPermutation(key, "receipt", 19),
		conversation: newPermutation(key, "conversation", 31),
		instance:     instance(key, "merchant request"),
		gateway:      instance(key, "gateway request"),
	}
}

// instance looks like ac7b-470b-8df7-23ab3cef3827.
func instance(key []byte, purpose string) string {
	h := hex.EncodeToString(digest(key, purpose)[:12])
	return h[0:4] + "-" + h[4:8] + "-" + h[8:12] + "-" + h[12:24]
}

func digest(key []byte, purpose string) []byte {
	sum := sha256.Sum256(append([]byte(purpose+"\x00"), key...))
	return sum[:]
}

const (
	base36        = "0123456789abcdefghijklmnopqrstuvwxyz"
	receiptDigits = 7
	receiptSpace  = 36 * 36 * 36 * 36 * 36 * 36 * 36 // payments that one installation can number
	agDigits      = 12
	agPrefix      = "01002010" // what the 20 characters of today's ConversationIDs begin with
)

// datePrefix is the year's letter (A is 2006, it wraps after Z), the month's (A is January) and the day's (1-9, then A-V).
func datePrefix(b []byte, t time.Time) []byte {
	t = t.In(clock.EAT)
	return append(b, 'A'+byte(((t.Year()-2006)%26+26)%26), 'A'+byte(t.Month()-1), upper(t.Day()))
}

func upper(digit int) byte {
	c := base36[digit]
	if c >= 'a' {
		c -= 'a' - 'A'
	}
	return c
}

// Receipt is the receipt of payment number id, finished at t: ten characters of [0-9A-Z], such as UKK3H1Z08B.
func (m *Mint) Receipt(id int64, t time.Time) string {
	b := datePrefix(make([]byte, 0, 10), t)
	x := m.receipt.walk(uint64(id), receiptSpace)
	b = b[:10]
	for i := 9; i > 2; i-- {
		b[i] = upper(int(x % 36))
		x /= 36
	}
	return string(b)
}

// ParseReceipt gives the number of the payment that the receipt would belong to. Whether there is one, and with that very
// receipt, is for the reader of the payment to see.
func (m *Mint) ParseReceipt(s string) (id int64, ok bool) {
	if len(s) != 10 || s != strings.ToUpper(s) {
		return 0, false
	}
	x, err := strconv.ParseUint(s[10-receiptDigits:], 36, 63)
	if err != nil {
		return 0, false
	}
	return int64(m.receipt.unwalk(x, receiptSpace)), true
}

// NoReceipt stands in for a receipt where no money was asked to move: the date's three characters and seven zeros.
func NoReceipt(t time.Time) string { return string(datePrefix(nil, t)) + "0000000" }

// Conversation is the ConversationID of payment number id, accepted at t: AG_20261120_01002010 and twelve more.
func (m *Mint) Conversation(id int64, t time.Time) string {
	b := make([]byte, 0, 32)
	b = append(b, "AG_"...)
	b = t.In(clock.EAT).AppendFormat(b, "20060102")
	b = append(b, '_')
	b = append(b, agPrefix...)
	x := m.conversation.forth(uint64(id))
	b = b[:len(b)+agDigits]
	for i := len(b) - 1; i >= len(b)-agDigits; i-- {
		b[i] = base36[x%36]
		x /= 36
	}
	return string(b)
}

// ParseConversation gives the number of the payment that the ConversationID would belong to.
func (m *Mint) ParseConversation(s string) (id int64, ok bool) {
	const head = len("AG_20261120_")
	if len(s) != head+len(agPrefix)+agDigits || s[:3] != "AG_" || s[head:head+len(agPrefix)] != agPrefix || s != "AG"+strings.ToLower(s[2:]) {
		return 0, false
	}
	x, err := strconv.ParseUint(s[len(s)-agDigits:], 36, 64)
	if err != nil || x >= 1<<62 {
		return 0, false
	}
	return int64(m.conversation.back(x)), true
}

// MerchantRequest is the MerchantRequestID (and the generated OriginatorConversationID) of payment number id.
func (m *Mint) MerchantRequest(id int64) string {
	return string(strconv.AppendInt([]byte(m.instance), id, 10))
}

// Originator is the OriginatorConversationID of payment number id: what the client chose, or else one of ours.
func (m *Mint) Originator(id int64, chosen string) string {
	if chosen != "" {
		return chosen
	}
	return m.MerchantRequest(id)
}

// ParseMerchantRequest gives the number of the payment that the MerchantRequestID belongs to.
func (m *Mint) ParseMerchantRequest(s string) (id int64, ok bool) {
	rest, ok := strings.CutPrefix(s, m.instance)
	if !ok || rest == "" || rest[0] < '1' || rest[0] > '9' {
		return 0, false
	}
	id, err := strconv.ParseInt(rest, 10, 64)
	return id, err == nil
}

// Refused is the requestId of a refused request; each call gives another.
func (m *Mint) Refused() string {
	return string(strconv.AppendInt([]byte(m.gateway), 100_000+m.refused.Add(1), 10))
}

// CheckoutRequest is the CheckoutRequestID of a push accepted at t for a phone: ws_CO_ DDMMYYYYHHmmss, the milliseconds
// without leading zeros, and the last nine digits of the number.
func CheckoutRequest(t time.Time, phone msisdn.Number) string {
	b := make([]byte, 0, 32)
	b = append(b, "ws_CO_"...)
	b = clock.AppendDayFirst(b, t)
	b = strconv.AppendInt(b, int64(t.Nanosecond()/1e6), 10)
	nine := phone.LastNine()
	b = b[:len(b)+9]
	for i := len(b) - 1; i >= len(b)-9; i-- {
		b[i] = '0' + byte(nine%10)
		nine /= 10
	}
	return string(b)
}

// ParseCheckoutRequest gives the millisecond and the phone that the CheckoutRequestID speaks of.
func ParseCheckoutRequest(s string) (at time.Time, phone msisdn.Number, ok bool) {
	digits, found := strings.CutPrefix(s, "ws_CO_")
	if !found || len(digits) < 14+1+9 || len(digits) > 14+3+9 {
		return time.Time{}, 0, false
	}
	at, err := time.ParseInLocation("02012006150405", digits[:14], clock.EAT)
	ms, errMS := strconv.ParseUint(digits[14:len(digits)-9], 10, 16)
	nine, errNine := strconv.ParseUint(digits[len(digits)-9:], 10, 32)
	if err != nil || errMS != nil || errNine != nil {
		return time.Time{}, 0, false
	}
	at = at.Add(time.Duration(ms) * time.Millisecond)
	phone = msisdn.Number(254_000_000_000 + nine)
	return at, phone, CheckoutRequest(at, phone) == s
}

// A permutation scrambles numbers of 2×half bits so that neighbours look unrelated: four Feistel rounds.
// It hides nothing of value; it makes receipts look like receipts.
type permutation struct {
	keys [4]uint64
	half uint
}

func newPermutation(key []byte, purpose string, half uint) permutation {
	p := permutation{half: half}
	d := digest(key, purpose)
	for i := range p.keys {
		p.keys[i] = binary.LittleEndian.Uint64(d[8*i:])
	}
	return p
}

func (p *permutation) mix(round int, x uint64) uint64 {
	x = (x ^ p.keys[round]) * 0x9e3779b97f4a7c15
	x = (x ^ x>>29) * 0xbf58476d1ce4e5b9
	return (x ^ x>>32) & (1<<p.half - 1)
}

func (p *permutation) forth(x uint64) uint64 {
	l, r := x>>p.half, x&(1<<p.half-1)
	for i := range p.keys {
		l, r = r, l^p.mix(i, r)
	}
	return l<<p.half | r
}

func (p *permutation) back(x uint64) uint64 {
	l, r := x>>p.half, x&(1<<p.half-1)
	for i := len(p.keys) - 1; i >= 0; i-- {
		l, r = r^p.mix(i, l), l
	}
	return l<<p.half | r
}

// walk permutes within [0, space) by going on until the result falls into it.
func (p *permutation) walk(x, space uint64) uint64 {
	for {
		if x = p.forth(x); x < space {
			return x
		}
	}
}

func (p *permutation) unwalk(x, space uint64) uint64 {
	for {
		if x = p.back(x); x < space {
			return x
		}
	}
}

package mpesa

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/msisdn"
)

// Who holds a phone. Several may at a time, such as two pages that show it: each says so under a name of its own, and who puts the phone
// down ends only their own hold. So it does not matter in which order a page that is left and the one that takes its place are heard.

// MaxHold is the longest that a phone is taken to be held without anybody saying so again.
const MaxHold = 10 * time.Minute

const (
	maxHolders = 16 // of a phone, that are remembered; of more, those whose holds end last
	maxHolder  = 32 // characters of a name
)

// CheckHolder tells what is wrong with the name under which somebody holds a phone; "" is allowed.
func CheckHolder(name string) error {
	plain := func(c rune) bool {
		return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '_'
	}
	if len(name) > maxHolder || strings.ContainsFunc(name, func(c rune) bool { return !plain(c) }) {
		return fmt.Errorf("it has to be at most %d letters, digits, - and _", maxHolder)
	}
	return nil
}

// Holds are who holds a phone, as it is stored: "name=until", with blanks between them. Times are milliseconds.
type Holds string

// hold is that somebody holds a phone.
type hold struct {
	by    string
	until int64 // milliseconds
}

// at lists the holds that are not over.
func (h Holds) at(now time.Time) (list []hold) {
	for _, text := range strings.Fields(string(h)) {
		by, end, _ := strings.Cut(text, "=")
		if until, err := strconv.ParseInt(end, 10, 64); err == nil && until > now.UnixMilli() {
			list = append(list, hold{by, until})
		}
	}
	return list
}

// holdsOf is what is stored of a list: of too many those that end last.
func holdsOf(list []hold) Holds {
	slices.SortStableFunc(list, func(a, b hold) int { return cmp.Compare(b.until, a.until) })
	var texts []string
	for _, x := range list[:min(len(list), maxHolders)] {
		texts = append(texts, x.by+"="+strconv.FormatInt(x.until, 10))
	}
	return Holds(strings.Join(texts, " "))
}

// HoldPhone notes that somebody holds a phone, or has put it down.
type HoldPhone struct {
	Phone msisdn.Number
	By    string        // who, by a name of their choice; "" is a name too
	For   time.Duration // from now on; 0: it is put down

	Known bool       // the number is a customer's
	After PhoneState // as it is then, if it is one
}

// Need names the customer with their accounts, and the open prompt.
func (c *HoldPhone) Need(v *View) {
	v.needPhoneState(c.Phone)
	v.needPrompt(c.Phone)
}

// Decide notes it. A person who takes up a phone sees the prompt that is open on it, which then waits for them.
func (c *HoldPhone) Decide(v *View, now time.Time) {
	s, known := Subscribers.Get(v, c.Phone)
	if c.Known = known; !known {
		return
	}
	defer func() { c.After = v.phoneState(c.Phone) }()
	before := s.Holds.at(now)
	list := slices.DeleteFunc(slices.Clone(before), func(x hold) bool { return x.by == c.By })
	if c.For > 0 {
		list = append(list, hold{c.By, now.Add(c.For).UnixMilli()})
	} else if len(list) == len(before) {
		return // somebody else holds it
	}
	until := now.UnixMilli()
	for _, x := range list {
		until = max(until, x.until)
	}
	x := v.shown(s)
	seen := x != nil && s.handed(x.Head())
	if seen {
		until = max(until, x.Head().AcceptedAt+1)
	}
	s.Holds, s.HeldUntil = holdsOf(list), until
	Subscribers.Put(v, c.Phone, s)
	if x != nil && !seen && s.handed(x.Head()) {
		v.putOff(s, now)
	}
}

// handed reports whether somebody has held the phone since the prompt was opened: then they have seen it, and nobody else answers it, even
// when they have put the phone down again. A phone that was told how to answer does so in a hand too: one that is off stays off.
func (s *Subscriber) handed(h *Header) bool {
	return s.Answers == AnswersByDefault && s.HeldUntil > h.AcceptedAt
}

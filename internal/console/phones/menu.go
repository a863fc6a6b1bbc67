package phones

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// item is an item of the phone's menu: a list of others, or something to do.
type item struct {
	Key   string // last element of its path
	Title string
	Above string // key of the list that it is in
	Of    []string
	Asks  []question
	Hint  string // of a list's line

	// confirm says what is about to be done, before the PIN is asked for.
	confirm func(q *page.Request, number string) (string, error)
	act     func(q *page.Request, number string) (screen, error)
}

// question is what an item asks for, one after the other. The PIN is asked for last.
type question struct {
	Name  string // as the control API calls it
	Label string
	Mode  string                           // the keyboard that it needs: "tel", "numeric", "decimal" or "text"
	Most  int                              // characters
	check func(text string) (wrong string) // what is wrong with what was typed; "": nothing
}

var (
	askTo       = question{"to", "Enter phone no.", "tel", 13, isNumber}
	askAmount   = question{"amount", "Enter amount", "decimal", 12, isAmount}
	askPayBill  = question{"shortcode", "Enter business no.", "numeric", 7, isShortcode}
	askTill     = question{"shortcode", "Enter till no.", "numeric", 7, isShortcode}
	askAccount  = question{"account", "Enter account no.", "text", 20, isThere}
	menuOfPhone = []item{
		{Key: "", Title: "M-PESA", Of: []string{"send", "withdraw", "lipa", "account"}},
		{Key: "send", Title: "Send money", Asks: []question{askTo, askAmount}, confirm: confirmSend, act: pays("send", "to", "amount")},
		{Key: "withdraw", Title: "Withdraw cash", Hint: "at an agent", Asks: []question{askAmount}, confirm: confirmWithdraw, act: pays("withdraw", "amount")},
		{Key: "lipa", Title: "Lipa na M-PESA", Hint: "pay bill, buy goods, Pochi", Of: []string{"paybill", "buygoods", "pochi"}},
		{Key: "paybill", Title: "Pay bill", Above: "lipa", Asks: []question{askPayBill, askAccount, askAmount}, confirm: confirmPay, act: pays("pay", "shortcode", "account", "amount")},
		{Key: "buygoods", Title: "Buy goods", Above: "lipa", Asks: []question{askTill, askAmount}, confirm: confirmPay, act: pays("pay", "shortcode", "amount")},
		{Key: "pochi", Title: "Pochi la Biashara", Above: "lipa", Asks: []question{askTo, askAmount}, confirm: confirmSend, act: payPochi},
		{Key: "account", Title: "My account", Hint: "balance, statement, PIN", Of: []string{"balance", "statement", "pin", "empty"}},
		{Key: "balance", Title: "Balance", Above: "account", confirm: says("Enter M-PESA PIN to see your balance:"), act: showBalance},
		{Key: "statement", Title: "Mini statement", Above: "account", confirm: says("Enter M-PESA PIN to see your last transactions:"), act: showStatement},
		{Key: "pin", Title: "Change PIN", Above: "account", act: changePIN},
		{Key: "empty", Title: "Pochi to M-PESA", Above: "account", Asks: []question{askAmount}, confirm: confirmEmpty, act: pays("pochi", "amount")},
	}
)

func findItem(key string) *item {
	i := slices.IndexFunc(menuOfPhone, func(x item) bool { return x.Key == key })
	if i < 0 {
		return nil
	}
	return &menuOfPhone[i]
}

func root() *item { return findItem("") }

// Items are the lines of a list.
func (x *item) Items() (list []*item) {
	for _, key := range x.Of {
		list = append(list, findItem(key))
	}
	return list
}

// screen is what stands on a phone's screen: a list of the menu, a question, the PIN pad, or what came of it.
type screen struct {
	Item    *item
	Given   []given   // what has been typed so far
	Ask     *question // what is asked for now
	Typed   string    // what was typed for that, and refused
	Error   string    // why
	Confirm string    // what is about to be done: the PIN is asked for
	NewPIN  bool      // the old and the new PIN are asked for
	Outcome *result   // what came of it
}

// given is something that was typed before.
type given struct{ Name, Label, Value string }

// result is what came of something.
type result struct {
	State     string // "good", "bad" or "wait"
	Title     string
	Text      string
	Reason    string // more, for those who want to know why
	Accounts  []control.Account
	Movements []control.Movement
}

// showMenu shows a list of the menu, or the first question of an item.
func (r *room) showMenu(q *page.Request) error {
	x := findItem(q.Value("item"))
	if x == nil {
		return &control.Problem{Status: http.StatusNotFound, Title: "There is no such item", Detail: fmt.Sprintf("The menu has no %q.", q.Value("item"))}
	}
	h, err := r.handset(q, q.Value("msisdn"))
	if err != nil {
		return err
	}
	s, err := x.next(q, h.MSISDN)
	if err != nil {
		return err
	}
	return h.show(q, s)
}

// useMenu takes what was typed, and asks for what is still missing or does what was asked for.
func (r *room) useMenu(q *page.Request) error {
	x := findItem(q.Value("item"))
	if x == nil || x.act == nil {
		return &control.Problem{Status: http.StatusNotFound, Title: "There is no such item", Detail: fmt.Sprintf("The menu has nothing to do at %q.", q.Value("item"))}
	}
	number := q.Value("msisdn")
	s, err := x.next(q, number)
	if err == nil && s.complete() && q.Form().Get("confirmed") != "" && !q.Form().On("back") {
		s, err = x.do(q, number)
	}
	if err != nil {
		return err
	}
	h, err := r.handset(q, number)
	if err != nil {
		return err
	}
	return h.show(q, s)
}

// next is the screen after what has been typed so far: the first question that has no good answer, or else the PIN.
func (x *item) next(q *page.Request, number string) (screen, error) {
	s := screen{Item: x}
	if x.Of != nil {
		return s, nil
	}
	f := q.Form()
	last := "" // where one step back leads to
	for _, ask := range x.Asks {
		if f.Get(ask.Name) != "" {
			last = ask.Name
		}
	}
	if f.On("back") && last == "" {
		return screen{Item: findItem(x.Above)}, nil
	}
	for i, ask := range x.Asks {
		text := f.Get(ask.Name)
		wrong := ask.check(text)
		if back := f.On("back") && ask.Name == last; wrong != "" || back {
			s.Ask, s.Typed = &x.Asks[i], text
			if f.Posted() && !back && (text != "" || f.Get("asked") == ask.Name) {
				s.Error = wrong
			}
			return s, nil
		}
		s.Given = append(s.Given, given{ask.Name, strings.TrimPrefix(ask.Label, "Enter "), text})
	}
	if x.confirm == nil {
		s.NewPIN = true
		return s, nil
	}
	text, err := x.confirm(q, number)
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return s.again(p), nil
	}
	s.Confirm = text
	return s, err
}

func (s *screen) complete() bool { return s.Confirm != "" || s.NewPIN }

// again asks anew for what a problem is with.
func (s screen) again(p *control.Problem) screen {
	for i, ask := range s.Item.Asks {
		if ask.Name == p.Field || i == 0 && !slices.ContainsFunc(s.Item.Asks, func(a question) bool { return a.Name == p.Field }) {
			s.Ask, s.Error = &s.Item.Asks[i], p.Detail
			if i < len(s.Given) {
				s.Typed, s.Given = s.Given[i].Value, s.Given[:i]
			}
		}
	}
	return s
}

// do does what the item is for. What is refused is asked for again.
func (x *item) do(q *page.Request, number string) (screen, error) {
	s, err := x.act(q, number)
	p, ok := errors.AsType[*control.Problem](err)
	if !ok || p.Status >= http.StatusInternalServerError {
		return s, err
	}
	again, err := x.next(q, number)
	switch {
	case err != nil:
		return s, err
	case p.Field == "pin" || p.Field == "old" || p.Field == "new" || len(x.Asks) == 0:
		again.Error = p.Detail
		return again, nil
	}
	return again.again(p), nil
}

func isThere(text string) string {
	if text == "" {
		return "It can't be empty."
	}
	return ""
}

func isNumber(text string) string {
	if _, err := msisdn.ParseLoose(text); err != nil {
		return "That is no phone number: 0712345678 is one."
	}
	return ""
}

func isAmount(text string) string {
	if a, err := control.ParseAmount(text); err != nil || a <= 0 {
		return "That is no amount: 100 or 100.50 is one."
	}
	return ""
}

func isShortcode(text string) string {
	if len(text) < 5 || len(text) > 7 || strings.Trim(text, "0123456789") != "" {
		return "It has five to seven digits."
	}
	return ""
}

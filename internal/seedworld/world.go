// Package seedworld is what a new installation starts with: an app, organisations, customers and their money. It is data: the sample
// (world.json), whose secrets are published, the sample with secrets of an installation's own, or somebody's file. The organisations'
// and customers' balances are deposits in the books like any other.
package seedworld

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

//go:embed world.json
var worldJSON []byte

// PIN is the PIN of every customer of the sample, and of those who are registered on first use beside them.
const PIN = "1234"

// The kinds of worlds, as a database remembers which it began with.
const (
	Sample = "sample" // world.json
	Random = "random" // the sample with secrets of the installation's own
	None   = "none"   // nothing but the provider's accounts
	File   = "file"   // somebody's own
)

// World is the data.
type World struct {
	Passkey       string         `json:"passkey"`
	Test          Test           `json:"test"`
	Apps          []mpesa.App    `json:"apps"`
	Operators     []Operator     `json:"operators"`
	Portal        Portal         `json:"portal"`
	Organisations []Organisation `json:"organisations"`
	Customers     []Customer     `json:"customers"`

	PIN string `json:"-"` // of the customers who have none of their own
}

// Test is who is meant by the test credentials of the developers' portal (DarajaTutorial, API Apps).
type Test struct {
	Express    mpesa.Shortcode `json:"express"`    // Lipa Na M-Pesa Online Shortcode
	Shortcode1 mpesa.Shortcode `json:"shortcode1"` // that asks
	Shortcode2 mpesa.Shortcode `json:"shortcode2"` // that is asked or paid
	Till       mpesa.Shortcode `json:"till"`       // whose owner is asked over B2B Express
	Initiator  string          `json:"initiator"`  // of Shortcode1, and of every other
	Phone      msisdn.Number   `json:"phone"`      // the test MSISDN
}

// InitiatorPassword is what the world's operator with a name has for a password; "" when there is none.
func (w *World) InitiatorPassword(name string) string {
	for _, o := range w.Operators {
		if o.Username == name && o.Password != nil {
			return *o.Password
		}
	}
	return ""
}

// State tells what an entry of the world is there for.
type State struct {
	Gives codes.Result      `json:"gives"` // the result that its state leads to; "": whatever a request deserves
	In    map[Part][]string `json:"in"`    // in which APIs, by the part that it plays in their payments
	About string            `json:"about"`
}

// Part is the part that somebody plays in a payment.
type Part string

// The parts.
const (
	Payer     Part = "payer"     // PartyA, or the initiator's organisation
	Payee     Part = "payee"     // PartyB
	Initiator Part = "initiator" // the operator
)

// Operator is an organisation's API user, the same for every organisation of the world.
type Operator struct {
	Username string       `json:"username"`
	Password *string      `json:"password"` // "": none was set yet; nil: it was left out
	Roles    []mpesa.Role `json:"roles"`    // nil: all
	Wrong    int          `json:"wrong"`    // wrong passwords in a row
	State
}

// Portal is who can sign in to the organisation portal from the beginning: at some organisations the same people, who are past their
// first sign-in.
type Portal struct {
	Organisations []mpesa.Shortcode `json:"organisations"`
	Password      string            `json:"password"` // of each who has none of their own
	Question1     string            `json:"question1"`
	Question2     string            `json:"question2"`
	Answer        string            `json:"answer"`     // to both
	AnswerHash    string            `json:"answerHash"` // of the sample's answer, made beforehand: it takes long; "": it is made
	Operators     []WebOperator     `json:"operators"`
}

// WebOperator is somebody who can sign in.
type WebOperator struct {
	Username string       `json:"username"`
	Password *string      `json:"password"` // nil: the portal's
	Roles    []mpesa.Role `json:"roles"`
	mpesa.Person
}

// Organisation is one organisation, or a range of them, with its opening balances.
type Organisation struct {
	mpesa.Organisation
	To       mpesa.Shortcode `json:"to"` // the last of the range
	Working  money.Amount    `json:"working"`
	Utility  money.Amount    `json:"utility"`
	Merchant money.Amount    `json:"merchant"`
	State
}

// Customer is a customer and the state that they are in.
type Customer struct {
	MSISDN    msisdn.Number  `json:"msisdn"`
	PIN       string         `json:"pin"` // "": the world's
	Name      string         `json:"name"`
	Balance   money.Amount   `json:"balance"`
	Answers   mpesa.Answers  `json:"answers"`
	Limits    string         `json:"limits"`
	Standing  mpesa.Standing `json:"standing"`
	WrongPINs int64          `json:"wrongPins"`
	State
}

// Read reads the sample, which is part of the program.
func Read() (*World, error) {
	w := &World{}
	if err := json.Unmarshal(worldJSON, w); err != nil {
		return nil, fmt.Errorf("world.json: %w", err)
	}
	w.PIN = PIN
	return w, nil
}

// Create is the command that makes the world in an empty database.
type Create struct {
	World *World
	PIN   func(phone msisdn.Number, pin string) mpesa.PINDigest
	Hash  func(password string) (string, error) // of an operator's password, or of an answer

	Made   bool // false: another node was faster
	Failed error
}

// Need names every account that money is paid into, and every customer.
func (c *Create) Need(v *mpesa.View) {
	if mpesa.Accounts.Loaded(v, trust) {
		return
	}
	mpesa.Accounts.Need(v, trust)
	for _, o := range c.World.organisations() {
		for kind := range o.balances() {
			mpesa.Accounts.Need(v, o.Shortcode.Party().Account(kind))
		}
	}
	for _, x := range c.World.Customers {
		mpesa.Subscribers.Need(v, x.MSISDN)
		mpesa.Accounts.Need(v, mpesa.CustomerParty(x.MSISDN).Account(mpesa.Wallet))
	}
}

var trust = mpesa.Provider.Account(mpesa.Trust)

// Decide makes the world, unless another node has.
func (c *Create) Decide(v *mpesa.View, now time.Time) {
	c.Made, c.Failed = false, nil
	if _, there := mpesa.Accounts.Get(v, trust); there {
		return
	}
	mpesa.Accounts.Put(v, trust, mpesa.Account{ID: trust}) // which says that the world is made, where nobody has money yet
	for _, a := range c.World.Apps {
		mpesa.Apps.Create(v, a.Key, a)
	}
	var operators, people []mpesa.Operator
	if operators, people, c.Failed = c.operators(); c.Failed != nil {
		return
	}
	for _, o := range c.World.organisations() {
		list := operators
		if slices.Contains(c.World.Portal.Organisations, o.Shortcode) {
			list = slices.Concat(operators, people)
		}
		for _, x := range list {
			x.Shortcode = o.Shortcode
			mpesa.Operators.Create(v, x.ID(), x)
		}
		mpesa.Registry.Create(v, o.Shortcode, o.Organisation)
		open(v, o.Shortcode.Party(), o.balances(), now)
	}
	for _, x := range c.World.Customers {
		mpesa.Subscribers.Put(v, x.MSISDN, mpesa.Subscriber{MSISDN: x.MSISDN, Name: x.Name, PIN: c.PIN(x.MSISDN, pinOf(&x, c.World)), WrongPINs: x.WrongPINs,
			Answers: x.Answers, AfterMS: -1, Limits: x.Limits, Standing: x.Standing})
		open(v, mpesa.CustomerParty(x.MSISDN), map[mpesa.AccountKind]money.Amount{mpesa.Wallet: x.Balance}, now)
	}
	c.Made = true
}

// pinOf is a customer's own PIN, or the world's.
func pinOf(x *Customer, w *World) string {
	if x.PIN != "" {
		return x.PIN
	}
	return w.PIN
}

// balances are what the organisation's accounts hold in the beginning.
func (o *Organisation) balances() map[mpesa.AccountKind]money.Amount {
	return map[mpesa.AccountKind]money.Amount{mpesa.Working: o.Working, mpesa.Utility: o.Utility, mpesa.Merchant: o.Merchant}
}

// operators are the API operators of any organisation, and the web operators of those that have some, but for their shortcodes.
func (c *Create) operators() (operators, people []mpesa.Operator, err error) {
	w := c.World
	hashes, err := c.hashes()
	if err != nil {
		return nil, nil, err
	}
	for _, x := range w.Operators {
		o := mpesa.Operator{Username: x.Username, Password: hashes[*x.Password], Roles: x.Roles, Wrong: x.Wrong}
		if x.Roles == nil {
			o.Roles = mpesa.AllRoles()
		}
		operators = append(operators, o)
	}
	answer := w.Portal.AnswerHash
	if answer == "" && len(w.Portal.Operators) > 0 {
		if answer, err = c.Hash(credential.NormalAnswer(w.Portal.Answer)); err != nil {
			return nil, nil, err
		}
	}
	questions := []mpesa.SecurityQuestion{{Question: w.Portal.Question1, Answer: answer}, {Question: w.Portal.Question2, Answer: answer}}
	for _, x := range w.Portal.Operators {
		people = append(people, mpesa.Operator{Username: x.Username, Password: hashes[webPassword(&x, &w.Portal)], Roles: x.Roles, Channel: mpesa.ChannelWeb,
			Person: x.Person, Questions: questions})
	}
	return operators, people, nil
}

// hashes makes the hash of each password. That of "" is "".
func (c *Create) hashes() (map[string]string, error) {
	hashes := map[string]string{"": ""}
	for password := range c.World.passwords() { // a hash is slow by design: of each password one is made
		hash, err := c.Hash(password)
		if err != nil {
			return nil, err
		}
		hashes[password] = hash
	}
	return hashes, nil
}

// passwords are those of all operators of a complete world.
func (w *World) passwords() map[string]bool {
	all := map[string]bool{}
	for _, o := range w.Operators {
		if o.Password != nil {
			all[*o.Password] = true
		}
	}
	for i := range w.Portal.Operators {
		all[webPassword(&w.Portal.Operators[i], &w.Portal)] = true
	}
	delete(all, "")
	return all
}

// webPassword is a web operator's own password, or the portal's.
func webPassword(o *WebOperator, p *Portal) string {
	if o.Password != nil {
		return *o.Password
	}
	return p.Password
}

// open deposits a party's opening balances.
func open(v *mpesa.View, owner mpesa.Party, balances map[mpesa.AccountKind]money.Amount, now time.Time) {
	var postings []mpesa.Posting
	for _, kind := range []mpesa.AccountKind{mpesa.Wallet, mpesa.Working, mpesa.Utility, mpesa.Merchant} {
		if amount := balances[kind]; amount > 0 {
			postings = append(postings, mpesa.Posting{Debit: trust, Credit: owner.Account(kind), Amount: amount})
		}
	}
	if len(postings) > 0 {
		v.Transfer(mpesa.Deposit, mpesa.Provider, owner, "opening balance", postings, now)
	}
}

// organisations lists each organisation of each range.
func (w *World) organisations() []Organisation {
	var list []Organisation
	for _, o := range w.Organisations {
		o.Passkey = passkey(o.Passkey, w.Passkey)
		if o.To == 0 {
			list = append(list, o)
			continue
		}
		name := o.Name
		for ; o.Shortcode <= o.To; o.Shortcode++ {
			o.Name = fmt.Sprintf("%s %d", name, o.Shortcode)
			list = append(list, o)
		}
	}
	return list
}

// passkey is an organisation's own, the world's, or none ("-").
func passkey(own, common string) string {
	switch own {
	case "":
		return common
	case "-":
		return ""
	}
	return own
}

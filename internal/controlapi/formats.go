package controlapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/golive/cases"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/weburl"
)

// reading is the reading of a field's value.
type reading struct {
	*server
	r     *asked
	field *field
}

// format reads a value. What it returns is put into the field, or checked only where the field is text and the value is not.
type format func(*reading, given) (any, error)

// formats are the forms that a field's tag is names. Those of the table that read text take it in JSON and in parameters.
var formats = map[string]format{

	"": usual,
	"line": func(c *reading, g given) (any, error) {
		return line(g, int(c.field.bound("minLength", 0)), int(c.field.bound("maxLength", 0)))
	},
	"printed": func(c *reading, g given) (any, error) {
		return printed(g, int(c.field.bound("minLength", 0)), int(c.field.bound("maxLength", 0)))
	},
	"judged": usual,
	"raw":    func(_ *reading, g given) (any, error) { return json.RawMessage(g.bare), nil },

	"msisdn":            ofText(phone),
	"shortcode":         ofText(shortcode),
	"shortcode or none": orNone(shortcode),
	"msisdn or none":    orNone(phone),
	"operator phone":    ofText(operatorPhone),
	"username":          ofText(username),
	"appKey":            ofText(appText),
	"hash":              ofText(func(s string) (string, error) { _, err := store.ParseHash(s); return s, err }),
	"result code":       ofText(resultCode),
	"day":               ofText(day),
	"search amount":     ofText(searchAmount),
	"number":            ofText(phoneOrShortcode),
	"api path":          ofText(apiPath),
	"secrets":           ofText(secrets),
	"email":             email,
	"pin":               pin,
	"password":          ofText(passwordText),
	"otp":               ofText(otp),
	"filled":            ofText(filled),
	"filled username":   ofText(filledUsername),
	"duration":          duration,
	"holder":            ofText(func(s string) (string, error) { return s, mpesa.CheckHolder(s) }),
	"url":               webURL,

	"amount":            shillings,
	"balance":           func(_ *reading, g given) (any, error) { return balance(g) },
	"threshold":         threshold,
	"seconds":           seconds,
	"requests a second": func(_ *reading, g given) (any, error) { return rate(g, "second") },
	"requests a day":    func(_ *reading, g given) (any, error) { return rate(g, "day") },
	"version":           version,
	"true":              onlyTrue("left out for a pin"),
	"true: simSwapped":  onlyTrue("left out: a SIM that was swapped stays so"),
	"false: blocked":    onlyFalse("five prompts in a row without a payment block a phone, and this lets prompts through again"),
	"false: pinLocked":  onlyFalse("wrong PINs in a row lock a PIN, and this forgets them"),

	"limits": func(c *reading, g given) (any, error) { return among(g, append(slices.Clone(c.Limits), "")) },
	"tariff": func(c *reading, g given) (any, error) {
		return among(g, append(slices.Sorted(maps.Keys(c.Engine.Policy.Rules.Tariffs())), ""))
	},
	"products": func(_ *reading, g given) (any, error) { return someOf(g, texts(mpesa.AllProducts())) },
	"roles":    func(_ *reading, g given) (any, error) { return someOf(g, texts(allRoles())) },
	"app products": func(c *reading, g given) (any, error) {
		tables, err := c.tables()
		if err != nil {
			return nil, err
		}
		return someOf(g, tables.AppProducts)
	},
	"offered products": func(c *reading, g given) (any, error) { return someOf(g, cases.Offered(c.r.App.Products)) },
	"live products":    func(_ *reading, g given) (any, error) { return someOf(g, liveNames()) },
	"id type":          func(_ *reading, g given) (any, error) { return among(g, append(portal.IDTypes(), "")) },
	"from account":     account(routeEnds(func(r mpesa.OwnRoute) mpesa.AccountKind { return r.From })),
	"to account":       account(routeEnds(func(r mpesa.OwnRoute) mpesa.AccountKind { return r.To })),
	"deposit account":  account(mpesa.DepositAccounts()),
	"task list":        taskList,
	"task":             taskName,
	"bulk command":     func(_ *reading, g given) (any, error) { return among(g, mpesa.Commands(mpesa.B2C)) },
	"csv":              csvRows,
	"rows":             listedRows,
	"try":              try,
	"task field": func(c *reading, g given) (any, error) {
		c.r.task[portal.TaskField(c.field.name)] = g
		return nil, nil
	},
	"simulated body": func(_ *reading, g given) (any, error) {
		if g.isText {
			return json.RawMessage(g.text), nil // as it is, even if it isn't JSON
		}
		return json.RawMessage(g.bare), nil
	},
}

// ofLines are the formats of text that may have characters which can't be printed: of a file, whose cells may not, and of what is asked about.
var ofLines = []string{"csv", "judged", "simulated body"}

// ofText is the format of text that a function reads.
func ofText[T any](read func(string) (T, error)) format {
	return func(_ *reading, g given) (any, error) {
		s, err := g.mustText()
		if err != nil {
			return nil, err
		}
		return read(s)
	}
}

// orNone is that of text that may be "" for nothing.
func orNone[T any](read func(string) (T, error)) format {
	return func(c *reading, g given) (any, error) {
		if g.isText && g.text == "" {
			return *new(T), nil
		}
		x, err := ofText(read)(c, g)
		if err != nil {
			return nil, fmt.Errorf(`%w; or "" for none`, err)
		}
		return x, nil
	}
}

func phone(s string) (msisdn.Number, error) {
	n, err := msisdn.ParseLoose(s)
	if err != nil {
		return 0, errors.New("it has to be a Safaricom number such as 254708374149, +254708374149 or 0708374149")
	}
	return n, nil
}

// operatorPhone is a number with spaces, or "" for none.
func operatorPhone(s string) (msisdn.Number, error) {
	if s == "" {
		return 0, nil
	}
	return phone(strings.ReplaceAll(s, " ", ""))
}

func shortcode(s string) (mpesa.Shortcode, error) {
	code, ok := mpesa.ParseShortcode(s)
	if !ok {
		return 0, errors.New("it has to be a shortcode: five to seven digits")
	}
	return code, nil
}

// phoneOrShortcode is a phone number in any way of writing it, or a shortcode.
func phoneOrShortcode(s string) (string, error) {
	if _, ok := mpesa.ParseShortcode(s); ok {
		return s, nil
	}
	if _, err := msisdn.ParseLoose(s); err != nil {
		return "", errors.New("it has to be a phone number such as 254708374149, or a shortcode of five to seven digits")
	}
	return s, nil
}

// username is what an operator can be called.
func username(name string) (string, error) {
	if !usernames.MatchString(name) {
		return "", errors.New("it has to be 1 to 50 letters, digits and any of . _ @ -, a letter or a digit first")
	}
	return name, nil
}

func filled(s string) (string, error) {
	if s == "" {
		return "", errors.New("it is empty")
	}
	return s, nil
}

func filledUsername(s string) (string, error) {
	if _, err := filled(s); err != nil {
		return "", err
	}
	return username(s)
}

// appText is a key or a secret: what HTTP Basic authentication can carry.
func appText(s string) (string, error) {
	if !appTexts.MatchString(s) {
		return "", errors.New("it has to be 1 to 100 letters, digits and any of . _ ~ -")
	}
	return s, nil
}

func resultCode(s string) (string, error) {
	if _, ok := codes.Result(s).Entry(); !ok {
		return "", errors.New("it has to be a result code, such as 0, 1032 or SFC_IC0003")
	}
	return s, nil
}

// day is a day in East Africa Time.
func day(s string) (time.Time, error) {
	t, err := time.ParseInLocation(dayLayout, s, clock.EAT)
	if err != nil || t.Year() < 1970 {
		return t, errors.New("it has to be a day such as 2026-11-20")
	}
	return t, nil
}

// searchAmount is an amount to look for.
func searchAmount(s string) (money.Amount, error) {
	a, err := money.Parse(s)
	if err != nil || a <= 0 {
		return 0, errors.New("it has to be shillings, more than 0, with at most two decimals, such as 100.50")
	}
	return a, nil
}

func apiPath(s string) (string, error) {
	_, err := findAPI(s)
	return s, err
}

// secrets is 1 where secrets are to be shown.
func secrets(s string) (bool, error) {
	if s != "1" && s != "0" {
		return false, errors.New("it has to be 1 or 0")
	}
	return s == "1", nil
}

func email(_ *reading, g given) (any, error) {
	s, err := line(g, 0, maxEmail)
	if err != nil || s == "" {
		return s, err
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return s, errors.New("it has to be an address such as amina@example.co.ke, or empty")
	}
	return s, nil
}

// pin is a phone's PIN.
func pin(_ *reading, g given) (any, error) {
	if !g.isText || len(g.text) != 4 || !digits(g.text) {
		return nil, errors.New(`it has to be text of four digits, such as "1234"`)
	}
	return g.text, nil
}

func passwordText(s string) (string, error) {
	if problem := credential.PasswordProblem(s); problem != "" {
		return "", errors.New(problem)
	}
	return s, nil
}

func otp(s string) (string, error) {
	if len(s) != mpesa.OTPLength {
		return "", fmt.Errorf("it has to be the %d digits of the message", mpesa.OTPLength)
	}
	return s, nil
}

// duration is how far the clock is to move.
func duration(_ *reading, g given) (any, error) {
	by, err := time.ParseDuration(g.text)
	if !g.isText || err != nil || by <= 0 || by > maxAdvance {
		return nil, errors.New(`it has to be a time such as "90s" or "36h", more than 0 and at most 9600h, which are 400 days`)
	}
	return g.text, nil
}

// webURL is a URL that callbacks can be sent to, by the rules of no profile.
func webURL(_ *reading, g given) (any, error) {
	if g.text == "" {
		return nil, errors.New("it has to be a URL such as http://127.0.0.1:8080/confirmation")
	}
	if reason := weburl.Check(g.text, weburl.Rules{}); reason != "" {
		return nil, fmt.Errorf("it %s; it has to be a URL such as http://127.0.0.1:8080/confirmation", reason)
	}
	return g.text, nil
}

// balance is shillings: text such as "100" or "100.50", or a whole number.
func balance(g given) (control.Amount, error) {
	written := g.text
	if !g.isText && digits(g.bare) { // no floats
		written = g.bare
	}
	amount, err := money.Parse(written)
	if err != nil || amount < 0 || amount > maxBalance {
		return 0, fmt.Errorf(`it has to be shillings from 0 to %s as text with at most two decimals, such as "100.50", or as a whole number`, maxBalance)
	}
	return control.Amount(amount), nil
}

// shillings is an amount to be moved.
func shillings(_ *reading, g given) (any, error) {
	amount, err := balance(g)
	if err != nil || amount == 0 {
		return nil, fmt.Errorf(`it has to be shillings, more than 0 and at most %s, as text with at most two decimals, such as "100.50", or as a whole number`, maxBalance)
	}
	return amount, nil
}

// threshold is an amount, or 0 for none.
func threshold(_ *reading, g given) (any, error) {
	amount, err := balance(g)
	if err != nil {
		return nil, fmt.Errorf("it has to be shillings, at most %s, as text or as a whole number; 0 is none", maxBalance)
	}
	return amount, nil
}

func seconds(_ *reading, g given) (any, error) {
	most := int(mpesa.MaxHold / time.Second)
	n, err := strconv.Atoi(g.bare)
	if err != nil || n < 0 || n > most {
		return nil, fmt.Errorf("it has to be a whole number from 0, which puts the phone down, to %d", most)
	}
	return n, nil
}

func rate(g given, what string) (any, error) {
	n, err := whole(g, -1, noBound)
	if err != nil {
		return nil, fmt.Errorf("it has to be a whole number of requests a %s; 0 is the profile's, and -1 any number", what)
	}
	return n, nil
}

func version(_ *reading, g given) (any, error) {
	n, err := whole(g, 1, 2)
	if err != nil {
		return nil, errors.New("it has to be 1 or 2, the version of the C2B API whose bodies are sent")
	}
	return n, nil
}

func onlyTrue(or string) format {
	return func(_ *reading, g given) (any, error) {
		if g.bare != "true" {
			return nil, errors.New("it has to be true, or " + or)
		}
		return true, nil
	}
}

func onlyFalse(why string) format {
	return func(_ *reading, g given) (any, error) {
		if g.bare != "false" {
			return nil, errors.New("it has to be false: " + why)
		}
		return false, nil
	}
}

// line is text of some characters in one line.
func line(g given, least, most int) (string, error) {
	if n := utf8.RuneCountInString(g.text); !g.isText || n < least || n > most || !printable(g.text) {
		return "", fmt.Errorf("it has to be text of %d to %d characters without line breaks", least, most)
	}
	return g.text, nil
}

// printed is text of so many characters that can be printed, without the spaces around it.
func printed(g given, least, most int) (string, error) {
	s, err := g.mustText()
	if err != nil {
		return "", err
	}
	s = strings.TrimSpace(s)
	if n := utf8.RuneCountInString(s); n < least || n > most || !printable(s) {
		return "", fmt.Errorf("it has to be %d to %d characters on one line", least, most)
	}
	return s, nil
}

// someOf is a JSON array of some of some names, each once.
func someOf(g given, allowed []string) (any, error) {
	var list []string
	err := json.Unmarshal([]byte(g.bare), &list)
	seen := map[string]bool{}
	for _, name := range list {
		if seen[name] || !slices.Contains(allowed, name) {
			err = fmt.Errorf("%q is there twice or is none of them", name)
		}
		seen[name] = true
	}
	if err != nil || list == nil {
		return nil, fmt.Errorf("it has to be a list of some of %q, each once", allowed)
	}
	return list, nil
}

// account is the format of the word for one of some accounts.
func account(allowed []mpesa.AccountKind) format {
	words := wordsOf(allowed)
	return func(_ *reading, g given) (any, error) { return among(g, words) }
}

// wordsOf are the words for accounts, each once.
func wordsOf(accounts []mpesa.AccountKind) (words []control.AccountWord) {
	for _, kind := range accounts {
		if word := accountWords[kind]; !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

func taskList(_ *reading, g given) (any, error) {
	words := control.TaskList("").Choices()
	if !slices.Contains(words, g.text) {
		return nil, errors.New("it has to be " + strings.Join(words, " or "))
	}
	return control.TaskList(g.text), nil
}

// taskName is the name of something that can be initiated for the organisation.
func taskName(c *reading, g given) (any, error) {
	var known []string
	for _, k := range portal.TaskKinds() {
		if k.Product == "" || c.r.Organisation.Has(k.Product) {
			known = append(known, k.Name)
		}
	}
	return among(g, known)
}

// csvRows are the rows of a bulk file as CSV.
func csvRows(c *reading, g given) (any, error) {
	s, err := g.mustText()
	if err != nil {
		return nil, err
	}
	file, err := c.r.bulk("csv")
	if err != nil {
		return nil, err
	}
	file.File, err = bulkfile.Read([]byte(s))
	return s, err
}

// listedRows are the rows of a bulk file as a list.
func listedRows(c *reading, g given) (any, error) {
	file, err := c.r.bulk("rows")
	if err != nil {
		return nil, err
	}
	return nil, file.list([]byte(g.bare))
}

// try is a request of the catalogue.
func try(_ *reading, g given) (any, error) {
	var x control.CatalogueTry
	d := json.NewDecoder(bytes.NewReader([]byte(g.bare)))
	d.DisallowUnknownFields()
	err := d.Decode(&x)
	return x, err
}

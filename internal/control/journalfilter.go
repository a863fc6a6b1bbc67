package control

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// journalFilter selects entries. Zero values select everything.
type journalFilter struct {
	path, app, api, code string
	status               int
	refused              bool
	payment              int64
	numbers              [][]byte // ways to write it
	id, text             string
	named                int64  // the payment that has the id; 0: none
	lower                []byte // text in lower case
}

// anyText takes text as it is.
func anyText(into *string) func(string) error {
	return func(s string) error {
		*into = s
		return nil
	}
}

// truth takes true or false.
func truth(into *bool) func(string) error {
	return func(s string) (err error) {
		if *into, err = strconv.ParseBool(s); err != nil {
			return errors.New("it has to be true or false")
		}
		return nil
	}
}

// setNumber takes a phone number in any way of writing it, or a shortcode.
func (f *journalFilter) setNumber(s string) error {
	if code, ok := mpesa.ParseShortcode(s); ok {
		f.numbers = [][]byte{[]byte(code.String())}
		return nil
	}
	n, err := msisdn.ParseLoose(s)
	if err != nil {
		return errors.New("it has to be a phone number such as 254708374149, or a shortcode of five to seven digits")
	}
	full := n.String()
	f.numbers = [][]byte{[]byte(full), []byte("0" + strings.TrimPrefix(full, "254"))}
	return nil
}

// prepare finds what can be found once for all entries.
func (f *journalFilter) prepare(ctx context.Context, s *server) error {
	f.lower = bytes.ToLower([]byte(f.text))
	if f.id == "" {
		return nil
	}
	p, err := s.findPayment(ctx, f.id)
	if err == nil && p != nil {
		f.named = p.ID
	}
	return err
}

// keeps tells whether an entry is selected. What costs least is looked at first.
func (f *journalFilter) keeps(e *journal.Entry) bool {
	return (f.path == "" || e.Path == f.path) && (f.app == "" || e.App == f.app) && (f.api == "" || e.API == f.api) &&
		(f.status == 0 || e.Status == f.status) && (!f.refused || e.Code != "" || e.Status >= http.StatusBadRequest) &&
		(f.code == "" || e.Code == f.code) && (f.payment == 0 || e.Payment == f.payment) &&
		(f.numbers == nil || slices.ContainsFunc(f.numbers, func(n []byte) bool { return hasNumber(e.Request, n) })) &&
		(f.id == "" || f.identifies(e)) && (f.text == "" || f.contains(e))
}

// identifies tells whether an entry is of the payment with the id, or has the id in its bodies, as a refusal has its requestId.
func (f *journalFilter) identifies(e *journal.Entry) bool {
	const shortest = 8 // characters of an identifier that isn't a number; a shorter text is in any body by chance
	if f.named != 0 && e.Payment == f.named {
		return true
	}
	id := []byte(f.id)
	return len(id) >= shortest && (bytes.Contains(e.Answer, id) && bytes.Contains(journal.Masked(e.Answer), id) ||
		bytes.Contains(e.Request, id) && bytes.Contains(journal.Masked(e.Request), id))
}

// contains tells whether the text is anywhere in what an entry shows.
func (f *journalFilter) contains(e *journal.Entry) bool {
	in := func(s []byte) bool { return bytes.Contains(bytes.ToLower(s), f.lower) }
	return in([]byte(e.Path)) || in([]byte(e.Explanation)) || in([]byte(e.Code)) ||
		in(e.Request) && in(journal.Masked(e.Request)) || in(e.Answer) && in(journal.Masked(e.Answer)) // masking costs more than looking
}

// hasNumber tells whether a body has a number, and not only as a part of a longer one.
func hasNumber(body, number []byte) bool {
	for from := 0; ; {
		at := bytes.Index(body[from:], number)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(number)
		if (at == 0 || !isDigit(body[at-1])) && (end == len(body) || !isDigit(body[end])) {
			return true
		}
		from = at + 1
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

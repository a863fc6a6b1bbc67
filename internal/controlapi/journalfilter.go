package controlapi

import (
	"bytes"
	"context"
	"net/http"
	"slices"
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

// setNumber takes a phone number in any way of writing it, or a shortcode.
func (f *journalFilter) setNumber(s string) {
	if code, ok := mpesa.ParseShortcode(s); ok {
		f.numbers = [][]byte{[]byte(code.String())}
	} else if n, err := msisdn.ParseLoose(s); err == nil {
		full := n.String()
		f.numbers = [][]byte{[]byte(full), []byte("0" + strings.TrimPrefix(full, "254"))}
	}
}

// journalFilter makes the filter, with what can be found once for all entries.
func (s *server) journalFilter(ctx context.Context, q *journalQuery) (*journalFilter, error) {
	f := &journalFilter{path: q.Path, app: q.App, api: q.API, code: q.Code, status: q.Status, refused: q.Refused, payment: q.Payment, id: q.ID, text: q.Text,
		lower: bytes.ToLower([]byte(q.Text))}
	f.setNumber(q.Number)
	if f.id == "" {
		return f, nil
	}
	p, err := s.findPayment(ctx, f.id)
	if err == nil && p != nil {
		f.named = p.Head().ID
	}
	return f, err
}

// keeps reports whether an entry is selected. What costs least is looked at first.
func (f *journalFilter) keeps(e *journal.Entry) bool {
	return (f.path == "" || e.Path == f.path) && (f.app == "" || e.App == f.app) && (f.api == "" || e.API == f.api) &&
		(f.status == 0 || e.Status == f.status) && (!f.refused || e.Code != "" || e.Status >= http.StatusBadRequest) &&
		(f.code == "" || e.Code == f.code) && (f.payment == 0 || e.Payment == f.payment) &&
		(f.numbers == nil || slices.ContainsFunc(f.numbers, func(n []byte) bool { return hasNumber(e.Request, n) })) &&
		(f.id == "" || f.identifies(e)) && (f.text == "" || f.contains(e))
}

// identifies reports whether an entry is of the payment with the id, or has the id in its bodies, as a refusal has its requestId.
func (f *journalFilter) identifies(e *journal.Entry) bool {
	const shortest = 8 // characters of an identifier that isn't a number; a shorter text is in any body by chance
	if f.named != 0 && e.Payment == f.named {
		return true
	}
	id := []byte(f.id)
	return len(id) >= shortest && (bytes.Contains(e.Answer, id) && bytes.Contains(journal.Masked(e.Answer), id) ||
		bytes.Contains(e.Request, id) && bytes.Contains(journal.Masked(e.Request), id))
}

// contains reports whether the text is anywhere in what an entry shows.
func (f *journalFilter) contains(e *journal.Entry) bool {
	in := func(s []byte) bool { return bytes.Contains(bytes.ToLower(s), f.lower) }
	return in([]byte(e.Path)) || in([]byte(e.Explanation)) || in([]byte(e.Code)) ||
		in(e.Request) && in(journal.Masked(e.Request)) || in(e.Answer) && in(journal.Masked(e.Answer)) // masking costs more than looking
}

// hasNumber reports whether a body has a number, and not only as a part of a longer one.
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

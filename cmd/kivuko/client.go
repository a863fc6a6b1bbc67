package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/kivuko/kivuko/control"
)

// clientCommands are the commands that look into a running Kivuko.
type clientCommands struct {
	Phone      phone      `cmd:"" help:"Show a customer's phone, change it, or have it pay, send, withdraw or deposit."`
	Answer     answer     `cmd:"" help:"Answer the prompt that is open on a phone."`
	Org        org        `cmd:"" help:"List, show, create or change organisations, and move their money."`
	Task       task       `cmd:"" help:"List what operators have initiated, approve or reject it."`
	Bulk       bulk       `cmd:"" help:"Pay many customers out of a file: check it, submit it, and see what came of it."`
	Operator   operator   `cmd:"" help:"List, create, change, unlock or remove organisations' operators."`
	Audit      audit      `cmd:"" help:"Show who did what with an organisation, or with the installation, and what was refused."`
	Credential credential `cmd:"" help:"Encrypt an operator's password as a SecurityCredential, or check one."`
	App        app        `cmd:"" help:"List, create, show, change or delete developers' apps."`
	GoLive     goLive     `cmd:"" name:"golive" help:"Take a sandbox app to production, step by step."`
	Payments   payments   `cmd:"" help:"List payments, or show one."`
	Callbacks  callbacks  `cmd:"" help:"List callbacks, show one, send it again, or try a URL for them."`
	Journal    journal    `cmd:"" help:"List the latest requests, and why they were refused."`
	Books      books      `cmd:"" help:"Add all transfers up, and fail unless the books balance."`
}

// clientFlags are the flags of the commands that look into a running Kivuko.
type clientFlags struct {
	URL  string `name:"url" default:"http://127.0.0.1:7070" env:"KIVUKO_URL" help:"Where the Kivuko is."`
	JSON bool   `name:"json" help:"Print JSON, as the control API has it."`
	knownPassword
}

// onceFlag is the key of the commands that move money.
type onceFlag struct {
	IdempotencyKey string `name:"idempotency-key" placeholder:"TEXT" help:"Move the money once, however often this is asked with this key: 1 to 64 characters, new for each payment."`
}

// once has requests that move money carry the key, if there is one.
func (f onceFlag) once(ctx context.Context) context.Context {
	if f.IdempotencyKey == "" {
		return ctx
	}
	return control.WithIdempotencyKey(ctx, f.IdempotencyKey)
}

// call has do talk to the Kivuko, and says what to do when none is there.
func (f clientFlags) call(do func(*control.Client) error) error {
	at, err := url.Parse(f.URL)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return usageError{fmt.Errorf("--url %q: it has to be like http://127.0.0.1:7070", f.URL)}
	}
	if err := f.knownPassword.addTo(at); err != nil {
		return usageError{err}
	}
	err = do(control.New(at.String()))
	switch {
	case errors.Is(err, control.ErrUnreachable):
		if cause, ok := errors.AsType[*url.Error](err); ok {
			err = cause.Err // says nothing twice
		}
		return fmt.Errorf("no Kivuko answers at %s; 'kivuko serve' starts one, --url or KIVUKO_URL names another (%w)", at.Redacted(), err)
	case errors.Is(err, control.ErrForeign):
		return fmt.Errorf("what answers at %s is not a Kivuko of this version (%w)", at.Redacted(), err)
	}
	return err
}

// caller is the flags of a command that asks a running Kivuko.
type caller interface {
	call(do func(*control.Client) error) error
	show(out io.Writer, v any, human func(w io.Writer)) error
}

// shown shows what a call of the control API gives.
func shown[T any](f caller, out io.Writer, get func(*control.Client) (T, error), human func(io.Writer, T)) error {
	return f.call(func(c *control.Client) error {
		x, err := get(c)
		if err != nil {
			return err
		}
		return f.show(out, x, func(w io.Writer) { human(w, x) })
	})
}

// without makes a call that gives nothing, and says what it has done.
func without(f caller, out io.Writer, text string, do func(*control.Client) error) error {
	return shown(f, out, func(c *control.Client) (struct{}, error) { return struct{}{}, do(c) }, func(w io.Writer, _ struct{}) { row(w, text) })
}

// table prints a list: a line of headings, which commas separate, and what line prints of each.
func table[T any](w io.Writer, list []T, none, headings string, line func(*T)) {
	if len(list) == 0 {
		row(w, none)
		return
	}
	fmt.Fprintln(w, strings.ReplaceAll(headings, ", ", "\t"))
	for i := range list {
		line(&list[i])
	}
}

// more says that a list goes on.
func more(w io.Writer, next string) {
	if next != "" {
		row(w, "(there are more: --after "+next+")")
	}
}

// show prints v as JSON where that was asked for, or else as human writes it: columns are separated by tabs.
func (f clientFlags) show(out io.Writer, v any, human func(w io.Writer)) error {
	if f.JSON {
		return printJSON(out, v, "  ")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	human(w)
	return w.Flush()
}

func printJSON(out io.Writer, v any, indent string) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

// row prints a line of a table. What came from outside can't break out of its cell or steer the terminal.
func row(w io.Writer, cells ...any) {
	list := make([]string, len(cells))
	for i, c := range cells {
		list[i] = plain(fmt.Sprint(c))
	}
	fmt.Fprintln(w, strings.Join(list, "\t"))
}

func plain(s string) string { return printed(s, "") }

// plainLines is plain of a text that may have several lines.
func plainLines(s string) string { return printed(s, "\n\t") }

// printed replaces what is neither printed nor one of the characters in also.
func printed(s, also string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || strings.ContainsRune(also, r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// fact prints a line of a list of facts, unless there is none.
func fact(w io.Writer, name, value string) {
	if value != "" {
		row(w, name, value)
	}
}

func shillings(a control.Amount) string { return "KES " + a.Grouped() }

// moment writes a time to the second; "" for none.
func moment(t control.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateTime)
}

// milliseconds writes how long something took.
func milliseconds(ms float64) string { return fmt.Sprintf("%.1fms", ms) }

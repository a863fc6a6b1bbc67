package catalogue_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/catalogue"
)

var update = flag.Bool("update", false, "write docs/codes.md anew")

const codesFile = "../../docs/codes.md"

func TestCodesDocumentIsUpToDate(t *testing.T) {
	c, err := catalogue.New()
	if err != nil {
		t.Fatal(err)
	}
	want := document(c)
	if *update {
		if err := os.WriteFile(codesFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(codesFile); err != nil || string(got) != want {
		t.Errorf("docs/codes.md is stale (%v); write it with: go test ./internal/catalogue -update", err)
	}
}

// document is docs/codes.md.
func document(c *control.Catalogue) string {
	d := &writer{}
	d.line("# Codes, fields, limits and tariffs")
	d.line("Written by `go test ./internal/catalogue -update` from the tables that the program reads. `GET /kivuko/v1/catalogue` gives the same as JSON. The wire reference is [wire.md](wire.md), whose §23 has the documents.")
	results(d, c)
	errors(d, c)
	numbers(d, c)
	operations(d, c)
	fields(d, c)
	money(d, c)
	lists(d, c)
	return d.String()
}

func results(d *writer, c *control.Catalogue) {
	d.section("Result codes")
	d.line("Each row is tested: package `codetest` makes the state through the public APIs and sees the code arrive. " +
		"The texts are those of the API's own document; `stkquery` is the query of M-Pesa Express.")
	d.table("code", "API", "ResultDesc", "the state that gives it", "numbers in that state")
	for _, r := range c.Results {
		for _, cause := range r.Causes {
			for _, text := range inOrder(r.Texts, cause.APIs) {
				var apis []string
				for _, api := range cause.APIs {
					if r.Texts[api] == text {
						apis = append(apis, api)
					}
				}
				d.row(code(r.Code), strings.Join(apis, ", "), code(text), cause.State, strings.Join(cause.Numbers, ", "))
			}
		}
		if callback, query := r.Texts["stkpush"], r.Texts["stkquery"]; callback != "" && callback != query {
			d.row(code(r.Code), "stkquery", code(query), "the same, asked for by the query", "")
		}
	}
	d.table("code", "what to do about it")
	for _, r := range c.Results {
		d.row(code(r.Code), r.Fix)
	}
	d.line("")
	d.line("A business's validation URL rejects a payment with one of these codes or any other that isn't 0; the payer's M-Pesa Express result is then 2007.")
	d.table("code", "meaning")
	for _, r := range c.Rejections {
		d.row(code(r.Code), r.Meaning)
	}
}

// inOrder lists the different texts of some APIs.
func inOrder(texts map[string]string, apis []string) (list []string) {
	for _, api := range apis {
		if text := texts[api]; !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

func errors(d *writer, c *control.Catalogue) {
	d.section("Errors of the gateway")
	d.table("HTTP", "errorCode", "errorMessage", "cause", "what to do about it")
	for _, e := range c.Errors {
		if e.Code == "" {
			d.row(fmt.Sprint(e.Status), "", "(an empty body)", e.Cause, e.Fix)
			continue
		}
		d.row(fmt.Sprint(e.Status), code(e.Code), code(e.Message), e.Cause, e.Fix)
	}
}

func numbers(d *writer, c *control.Catalogue) {
	d.section("The world's numbers")
	d.line("A customer below whose number is 254700 and a result code in six digits is in the state that gives it to who pays; of a code with letters, a 9 stands before its digits. " +
		"Codes that no state of a customer gives have no such customer: these numbers, from 254700000000 to 254700009999 and from 254700900000 to 254700900099, are refused rather than registered on first use. " +
		"Organisations are 508 and a code of up to three digits, or 50 and one of four. Every organisation has the operators.")
	d.table("number", "name", "about", "result", "in")
	for _, n := range slices.Concat(c.Customers, c.Organisations, c.Operators) {
		number := n.Number
		if n.To != "" {
			number += " to " + n.To
		}
		var in []string
		for _, part := range []string{"payer", "payee", "initiator"} {
			if apis := n.In[part]; len(apis) > 0 {
				in = append(in, "as "+part+": "+strings.Join(apis, ", "))
			}
		}
		d.row(number, n.Name, n.About, n.Gives, strings.Join(in, "; "))
	}
}

func operations(d *writer, c *control.Catalogue) {
	d.section("What initiators can ask for")
	d.table("CommandID", "API", "role", "product", "from", "to", "tariff", "ReasonType")
	for _, o := range c.Operations {
		to := o.To
		if o.Own {
			to += " of the same"
		}
		if o.Till {
			to += " of a till or store"
		}
		d.row(o.CommandID, o.API, o.Role, o.Product, o.From, to, o.Tariff, o.Reason)
	}
}

func fields(d *writer, c *control.Catalogue) {
	d.section("Fields")
	d.line("In the order in which they are looked at; the first that is wrong is named in `400.002.02`. Values may be text or numbers. " +
		"A shortcode has five to seven digits. A phone number is 2547XXXXXXXX or 2541XXXXXXXX. An amount is 0.01 to 999,999,999 with at most two decimals; shillings are 1 to 999,999,999 without.")
	for _, a := range c.APIs {
		d.line("")
		d.line("### " + a.Method + " " + a.Path)
		if a.Product != "" {
			d.line("Product of the app: " + a.Product + ". " + a.Source + ".")
		} else {
			d.line(a.Source + ".")
		}
		if len(a.Fields) == 0 {
			continue
		}
		d.table("field", "form", "must be there", "note")
		for _, f := range a.Fields {
			d.row(code(f.Name), form(f), map[bool]string{false: "yes"}[f.Optional], f.Note)
		}
	}
}

func form(f control.CatalogueField) string {
	switch {
	case len(f.Values) > 0:
		return "`" + strings.Join(f.Values, "`, `") + "`"
	case f.Most > 0:
		return fmt.Sprintf("%s of %d to %d characters", f.Form, f.Least, f.Most)
	}
	return f.Form
}

func money(d *writer, c *control.Catalogue) {
	d.section("Limits")
	d.line("In shillings. A customer can be given limits of another name; those called test- are for the numbers above.")
	d.table("name", "from", "minimum", "maximum", "payout minimum", "cash minimum", "a day", "balance", "receiver's balance", "same amount in 2 min", "wrong PINs", "unfinished prompts", "prompt")
	for _, l := range c.Limits {
		d.row(l.Name, l.From, l.Minimum.String(), l.Maximum.String(), l.PayoutMinimum.String(), l.WithdrawalMinimum.String(), l.Daily.String(), l.MaxBalance.String(),
			l.ReceiverBalance.String(), fmt.Sprint(l.SameAmount), fmt.Sprint(l.PINTries), fmt.Sprint(l.Unfinished), fmt.Sprint(l.PromptChars))
	}
	d.section("Tariffs")
	for _, t := range c.Tariffs {
		d.line("")
		d.line("### " + t.Name + ", from " + t.From)
		d.line(t.About + ".")
		d.table("up to", "customer pays", "business pays")
		for _, b := range t.Bands {
			business := b.Business.String()
			if b.BasisPoints > 0 {
				business = fmt.Sprintf("%d.%02d %%, at most %s", b.BasisPoints/100, b.BasisPoints%100, b.Cap)
			}
			d.row(b.UpTo.String(), b.Customer.String(), business)
		}
	}
}

func lists(d *writer, c *control.Catalogue) {
	d.section("Callbacks")
	d.table("kind", "about", "can be retried")
	for _, x := range c.Callbacks {
		d.row(x.Kind, x.About, map[bool]string{true: "yes"}[x.Retried])
	}
	for _, x := range []struct {
		title string
		list  []string
	}{{"Roles of operators", c.Roles}, {"Products of organisations", c.Products}, {"Products of apps", c.AppProducts}} {
		d.section(x.title)
		for _, name := range x.list {
			d.line("- " + name)
		}
	}
}

// writer writes Markdown.
type writer struct{ strings.Builder }

func (w *writer) line(text string) { w.WriteString(text + "\n") }

func (w *writer) section(title string) { w.line("\n## " + title) }

func (w *writer) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	w.line("| " + strings.Join(cells, " | ") + " |")
}

func (w *writer) table(heads ...string) {
	w.line("")
	columns := len(heads)
	w.row(heads...)
	w.line(strings.Repeat("|---", columns) + "|")
}

func code(text string) string { return "`" + text + "`" }

package organisation

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

func statementRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/statement":     signedIn(showStatement),
		"GET /organisation/statement.csv": signedIn(downloadStatement),
	}
}

// statementPage is what the page of a statement shows.
type statementPage struct {
	*portal
	*control.Statement        // nil: what was asked for was refused
	Accounts                  []page.Option
	File, Older, Here, Search string
	Live                      bool // it is of the newest entries, of which there may be more
}

// What people look for in a statement.
var (
	aReceipt = regexp.MustCompile(`^[0-9A-Za-z]{10}$`)
	aPhone   = regexp.MustCompile(`^(\+?254|0)[17][0-9]{8}$`)
)

// searched tells a receipt, a phone number and an amount apart.
func searched(q *control.StatementQuery, text string) {
	joined := strings.ReplaceAll(text, " ", "")
	switch {
	case text == "":
	case aPhone.MatchString(joined):
		q.Phone = joined
	case aReceipt.MatchString(joined) && strings.Trim(joined, "0123456789") != "":
		q.Receipt = joined
	default:
		q.Amount = strings.ReplaceAll(joined, ",", "")
	}
}

func statementQuery(q *page.Request) control.StatementQuery {
	f := q.Form()
	return control.StatementQuery{Account: control.AccountWord(f.Get("account")), From: f.Get("from"), To: f.Get("to")}
}

// showStatement shows entries of an account, newest first.
func showStatement(q *page.Request, p *portal) error {
	f := q.Form()
	f.Set("account", "working")
	ask := statementQuery(q)
	searched(&ask, f.Get("search"))
	ask.After = f.Get("after")
	shown := statementPage{portal: p, Accounts: accountOptions(), Search: f.Get("search"), Here: "/organisation/statement?" + q.HTTP.URL.RawQuery}
	list, err := q.API().Statement(q.HTTP.Context(), p.Shortcode, ask)
	if err != nil {
		problem, ok := errors.AsType[*control.Problem](err)
		switch {
		case !ok || problem.Field == "": // nothing that was asked for is wrong
			return err
		case problem.Field == "receipt" || problem.Field == "phone" || problem.Field == "amount":
			problem.Field = "search"
			problem.Detail = "A receipt, a phone number or an amount: " + problem.Detail
		}
		return q.Refused("statement", shown, problem)
	}
	shown.Statement = list
	f.Set("from", list.From)
	f.Set("to", list.To)
	shown.Live = ask.After == "" && ask.Receipt == ""
	query := url.Values{"account": {f.Get("account")}, "from": {list.From}, "to": {list.To}}
	shown.File = "/organisation/statement.csv?" + query.Encode()
	if list.Next != "" {
		query.Set("search", f.Get("search"))
		query.Set("after", list.Next)
		shown.Older = "/organisation/statement?" + query.Encode()
	}
	return q.Show("statement", shown)
}

func accountOptions() []page.Option {
	var list []page.Option
	for _, name := range []string{"Working Account", "Utility Account", "Charges Paid Account", "Merchant Account", "Organization Settlement Account", "Float Account"} {
		list = append(list, page.Option{Value: accountWords[name][0], Label: name})
	}
	return list
}

// downloadStatement gives all entries of the period as a file. Whether it may is asked before, with a page of one entry.
func downloadStatement(q *page.Request, p *portal) error {
	ask := statementQuery(q)
	ask.Limit = 1
	head, err := q.API().Statement(q.HTTP.Context(), p.Shortcode, ask)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%s-%s-%s.csv", p.Shortcode, accountWords[head.Account][0], head.From, head.To)
	return q.Stream(name, control.CSVType+"; charset=utf-8", func(w io.Writer) error {
		return q.API().StatementCSV(q.HTTP.Context(), p.Shortcode, ask, w)
	})
}

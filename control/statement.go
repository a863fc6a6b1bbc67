package control

import (
	"context"
	"io"
	"iter"
	"net/http"
)

// StatementEntry is a line of a statement: an amount that came into an organisation's account or went out of it.
type StatementEntry struct {
	Number    int64  `json:"number" doc:"Which of the account's entries it is, from 1, without gaps."`
	At        Time   `json:"at"`
	Account   string `json:"account"`
	Payment   int64  `json:"payment"`
	Receipt   string `json:"receipt"`
	Details   string `json:"details" doc:"What it was."`
	Party     string `json:"party" doc:"The other side, by number and name."`
	Reference string `json:"reference,omitempty"`
	Remarks   string `json:"remarks,omitempty"`
	PaidIn    Amount `json:"paidIn"`
	Withdrawn Amount `json:"withdrawn"`
	Balance   Amount `json:"balance" doc:"After it."`
}

// Statement is a page of the entries of an organisation's account in a period, newest first.
type Statement struct {
	Page[StatementEntry]
	Account   string `json:"account"`
	From      string `json:"from" doc:"The first day."`
	To        string `json:"to" doc:"The last day."`
	Opening   Amount `json:"opening" doc:"What the account held before the first day."`
	Closing   Amount `json:"closing" doc:"What it held at the end of the last one."`
	PaidIn    Amount `json:"paidIn" doc:"Of these entries."`
	Withdrawn Amount `json:"withdrawn" doc:"Of these entries."`
}

// StatementQuery selects entries.
type StatementQuery struct {
	Account AccountWord // working (also ""), utility, merchant, charges, settlement or float
	From    string      // 2026-11-01, in East Africa Time; "": thirty days before To
	To      string      // "": today

	Receipt string // of these at most one: all entries of a payment, in any account and period
	Phone   string // entries of a customer's payments
	Amount  string // entries of an amount

	After string
	Limit int
}

func (q StatementQuery) path(shortcode, name string) string {
	return query(organisationPath(shortcode, "/")+name, "account", q.Account, "from", q.From, "to", q.To, "receipt", q.Receipt, "phone", q.Phone,
		"amount", q.Amount, "after", q.After, "limit", q.Limit)
}

// Accounts is what an organisation has.
type Accounts struct {
	Accounts []Account `json:"accounts"`
}

// Accounts shows an organisation's accounts.
func (c *Client) Accounts(ctx context.Context, shortcode string) (*Accounts, error) {
	return get[Accounts](ctx, c, organisationPath(shortcode, "/accounts"))
}

// Statement lists entries of an account.
func (c *Client) Statement(ctx context.Context, shortcode string, q StatementQuery) (*Statement, error) {
	return get[Statement](ctx, c, q.path(shortcode, "statement"))
}

// AllStatement goes through all pages of Statement.
func (c *Client) AllStatement(ctx context.Context, shortcode string, q StatementQuery) iter.Seq2[StatementEntry, error] {
	return every(&q.After, func() (*Page[StatementEntry], error) {
		s, err := c.Statement(ctx, shortcode, q)
		if err != nil {
			return nil, err
		}
		return &s.Page, nil
	})
}

// CSVType is the media type of statements that programs for tables read.
const CSVType = "text/csv"

// StatementCSV writes all entries of an account in a period, as they come. Of the query it takes the account and the period.
func (c *Client) StatementCSV(ctx context.Context, shortcode string, q StatementQuery, to io.Writer) error {
	resp, err := c.ask(ctx, http.MethodGet, StatementQuery{Account: q.Account, From: q.From, To: q.To}.path(shortcode, "statement.csv"), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || mediaType(resp) != CSVType {
		return read(resp, new([]byte))
	}
	_, err = io.Copy(to, resp.Body)
	return err
}

// Tariffs are what an organisation's payments cost, and the limits that hold for them.
type Tariffs struct {
	Tariffs []Tariff        `json:"tariffs"`
	Limits  CatalogueLimits `json:"limits" doc:"Standard ones, of customers."`
	Balance Amount          `json:"balance" doc:"That the account which receives may hold."`
}

// Tariff is what a sort of payments costs.
type Tariff struct {
	Payments string          `json:"payments" doc:"The sort of payments."`
	Tariff   CatalogueTariff `json:"tariff" doc:"The version that holds now."`
}

// Tariffs tells what an organisation's payments cost.
func (c *Client) Tariffs(ctx context.Context, shortcode string) (*Tariffs, error) {
	return get[Tariffs](ctx, c, organisationPath(shortcode, "/tariffs"))
}

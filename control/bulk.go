package control

import (
	"context"
	"iter"
	"net/http"
	"strconv"
)

// NewBulk is a bulk file: payments to many customers. The rows are CSV, or a list.
type NewBulk struct {
	Name    string       `json:"name,omitempty" is:"printed" jsonschema:"minLength=0,maxLength=100" doc:"Of the file, for people."`
	Command string       `json:"command,omitempty" is:"bulk command" doc:"CommandID of the payments; BusinessPayment when it is missing."`
	CSV     string       `json:"csv,omitempty" is:"csv" doc:"Rows of phone, amount and, if one likes, remarks and name, separated by commas, semicolons or tabs; under a header in any order."`
	Rows    []NewBulkRow `json:"rows,omitempty" is:"rows"`
	Repeats bool         `json:"repeats,omitempty" doc:"A customer may have several rows."`
	Again   bool         `json:"again,omitempty" doc:"The same rows may have been submitted before."`
}

// NewBulkRow is a payment to a customer.
type NewBulkRow struct {
	Phone   string `json:"phone"`
	Amount  string `json:"amount" doc:"Shillings, with at most two decimals."`
	Remarks string `json:"remarks,omitempty"`
}

// BulkCheck is what would come of a bulk file.
type BulkCheck struct {
	Name      string           `json:"name"`
	Command   string           `json:"command"`
	Rows      int64            `json:"rows" jsonschema:"minimum=0" doc:"Without those that can't be read."`
	Total     Amount           `json:"total" doc:"Of those rows."`
	Charges   Amount           `json:"charges" doc:"Of those rows, for the organisation to pay."`
	Available Amount           `json:"available"`
	Approvals int              `json:"approvals" jsonschema:"minimum=0" doc:"Of other operators, that it would wait for."`
	Earlier   int64            `json:"earlier" jsonschema:"minimum=0" doc:"The first file with the same rows; 0: there is none."`
	Problems  []BulkRowProblem `json:"problems" doc:"Rows that would not be paid: with any, the file isn't taken."`
	Refused   string           `json:"refused" doc:"What else keeps it from being submitted; empty: nothing."`
}

// BulkRowProblem is why a row of a bulk file would not be paid.
type BulkRowProblem struct {
	Line   int64  `json:"line" jsonschema:"minimum=0"`
	Column string `json:"column,omitempty" jsonschema:"enum=phone,enum=amount,enum=remarks" doc:"That can't be read."`
	Result string `json:"result,omitempty" doc:"Result code that its payment would have."`
	Detail string `json:"detail" jsonschema:"minLength=1"`
}

// Bulk is a bulk file that was submitted, and how far it has been paid.
type Bulk struct {
	ID         int64      `json:"id" jsonschema:"minimum=1" doc:"The number of its task too."`
	Name       string     `json:"name"`
	Command    string     `json:"command"`
	State      State      `json:"state" doc:"queued: it is being paid."`
	Rows       int64      `json:"rows" jsonschema:"minimum=0"`
	Total      Amount     `json:"total"`
	Charges    Amount     `json:"charges" doc:"Of all rows, by the tariff when it was submitted."`
	Paid       int64      `json:"paid" jsonschema:"minimum=0" doc:"Rows."`
	Failed     int64      `json:"failed" jsonschema:"minimum=0" doc:"Rows."`
	PaidAmount Amount     `json:"paidAmount" doc:"Of the paid rows."`
	Charged    Amount     `json:"charged" doc:"For the paid rows."`
	Held       Amount     `json:"held" doc:"In the Utility account, for the rest."`
	Initiator  string     `json:"initiator" doc:"Operator; empty: the administrator."`
	Approvals  []Approval `json:"approvals"`
	Missing    int        `json:"missing" jsonschema:"minimum=0" doc:"Approvals that it waits for."`
	Since      Time       `json:"since"`
	Expires    Time       `json:"expires,omitzero" doc:"While it waits for an approval."`
	EndedAt    Time       `json:"endedAt,omitzero"`
	Reason     string     `json:"reason,omitempty" doc:"Why it was not paid."`
}

// Ended reports whether nothing more will be paid of the file.
func (b *Bulk) Ended() bool { return b.State == Completed || b.State == Failed }

// BulkRow is a row of a bulk file, and what came of it.
type BulkRow struct {
	Line    int64    `json:"line" jsonschema:"minimum=0"`
	Phone   string   `json:"phone" is:"customer"`
	Amount  Amount   `json:"amount"`
	Remarks string   `json:"remarks"`
	State   RowState `json:"state" doc:"Waiting, completed or failed."`
	Payment int64    `json:"payment,omitempty" jsonschema:"minimum=1" doc:"Its number."`
	Receipt string   `json:"receipt,omitempty"`
	Result  string   `json:"result,omitempty"`
	Reason  string   `json:"reason,omitempty" doc:"Why it failed."`
	At      Time     `json:"at,omitzero" doc:"When it ended."`
}

// CheckBulk tells what would come of a bulk file. Nothing changes.
func (c *Client) CheckBulk(ctx context.Context, shortcode string, file NewBulk) (*BulkCheck, error) {
	return send[BulkCheck](ctx, c, http.MethodPost, bulk(shortcode)+"/check", file)
}

// SubmitBulk submits a bulk file, for the operator that the client acts as. It then waits for another one's approval (Approve), or is paid
// where it needs none. Rows that would not be paid are in the *Problem's Rows.
func (c *Client) SubmitBulk(ctx context.Context, shortcode string, file NewBulk) (*Bulk, error) {
	return send[Bulk](ctx, c, http.MethodPost, bulk(shortcode), file)
}

// Bulks lists bulk files, newest first.
func (c *Client) Bulks(ctx context.Context, shortcode string, q ListQuery) (*Page[Bulk], error) {
	return get[Page[Bulk]](ctx, c, query(bulk(shortcode), "after", q.After, "limit", q.Limit))
}

// AllBulks goes through all pages of Bulks.
func (c *Client) AllBulks(ctx context.Context, shortcode string, q ListQuery) iter.Seq2[Bulk, error] {
	return every(&q.After, func() (*Page[Bulk], error) { return c.Bulks(ctx, shortcode, q) })
}

// Bulk shows a bulk file.
func (c *Client) Bulk(ctx context.Context, shortcode string, id int64) (*Bulk, error) {
	return get[Bulk](ctx, c, bulkFile(shortcode, id))
}

// BulkRowQuery selects rows of a bulk file.
type BulkRowQuery struct {
	After  string
	Limit  int
	Failed bool // only those that could not be paid
}

// BulkRows lists rows of a bulk file, in the order of their lines.
func (c *Client) BulkRows(ctx context.Context, shortcode string, id int64, q BulkRowQuery) (*Page[BulkRow], error) {
	return get[Page[BulkRow]](ctx, c, query(bulkFile(shortcode, id)+"/rows", "after", q.After, "failed", q.Failed, "limit", q.Limit))
}

// AllBulkRows goes through all pages of BulkRows.
func (c *Client) AllBulkRows(ctx context.Context, shortcode string, id int64, q BulkRowQuery) iter.Seq2[BulkRow, error] {
	return every(&q.After, func() (*Page[BulkRow], error) { return c.BulkRows(ctx, shortcode, id, q) })
}

// BulkResults gives what came of all rows of a bulk file, as CSV.
func (c *Client) BulkResults(ctx context.Context, shortcode string, id int64) (csv []byte, err error) {
	_, err = c.call(ctx, http.MethodGet, bulkFile(shortcode, id)+"/results.csv", nil, &csv)
	return csv, err
}

// BulkTemplate gives a bulk file to begin with, as CSV.
func (c *Client) BulkTemplate(ctx context.Context, shortcode string) (csv []byte, err error) {
	_, err = c.call(ctx, http.MethodGet, bulk(shortcode)+"/template.csv", nil, &csv)
	return csv, err
}

func bulk(shortcode string) string { return organisationPath(shortcode, "/bulk") }

func bulkFile(shortcode string, id int64) string {
	return bulk(shortcode) + "/" + strconv.FormatInt(id, 10)
}

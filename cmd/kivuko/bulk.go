package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/outcome"
)

// bulk is what is done with bulk files.
type bulk struct {
	Check    bulkCheck    `cmd:"" help:"Say what would come of a file, row by row; nothing moves."`
	Submit   bulkSubmit   `cmd:"" help:"Submit a file, to be approved and paid."`
	List     bulkList     `cmd:"" help:"List the files that were submitted."`
	Show     bulkShow     `cmd:"" help:"Show how far a file has been paid."`
	Results  bulkResults  `cmd:"" help:"Print what came of each row, as CSV."`
	Template bulkTemplate `cmd:"" help:"Print a file to begin with."`
}

// bulkFileFlags are those of the commands that take a file.
type bulkFileFlags struct {
	orgFlags
	File    string `arg:"" help:"CSV with phone, amount (in shillings), remarks and name, as 'bulk template' prints; - reads standard input."`
	Command string `placeholder:"COMMANDID" help:"What the payments are: BusinessPayment, SalaryPayment or PromotionPayment (default: BusinessPayment)."`
	Repeats bool   `help:"A customer may have several rows."`
}

// read gives the file as it is to be sent.
func (x *bulkFileFlags) read(in io.Reader) (file control.NewBulk, err error) {
	file = control.NewBulk{Name: filepath.Base(x.File), Command: x.Command, Repeats: x.Repeats}
	var text []byte
	if x.File == "-" {
		file.Name = "standard input"
		text, err = io.ReadAll(in)
	} else if text, err = os.ReadFile(x.File); err != nil {
		err = usageError{err}
	}
	file.CSV = string(text)
	return file, err
}

// errBadRows makes the command fail when it has printed rows that would not be paid.
var errBadRows = errors.New("the file can't be submitted as it is")

type bulkCheck struct{ bulkFileFlags }

func (x *bulkCheck) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	file, err := x.read(in)
	if err != nil {
		return err
	}
	return x.call(func(c *control.Client) error {
		found, err := c.CheckBulk(ctx, x.Shortcode, file)
		if err != nil {
			return err
		}
		if err := x.show(out, found, func(w io.Writer) { writeBulkCheck(w, found) }); err != nil {
			return err
		}
		if len(found.Problems) > 0 || found.Refused != "" {
			return errBadRows
		}
		return nil
	})
}

func writeBulkCheck(w io.Writer, found *control.BulkCheck) {
	if writeBadRows(w, found.Problems); len(found.Problems) > 0 {
		row(w)
	}
	row(w, "rows", found.Rows)
	row(w, "total", shillings(found.Total))
	row(w, "charges", shillings(found.Charges))
	row(w, "available in Utility", shillings(found.Available))
	if found.Approvals > 0 {
		row(w, "waits for", outcome.Approvals(found.Approvals))
	}
	if found.Earlier != 0 {
		row(w, "has the same rows as", fmt.Sprintf("file %d: --again submits them once more", found.Earlier))
	}
	fact(w, "can't be submitted", found.Refused)
}

func writeBadRows(w io.Writer, problems []control.BulkRowProblem) {
	if len(problems) == 0 {
		return
	}
	row(w, "LINE", "COLUMN", "RESULT", "WHAT IS WRONG")
	for _, p := range problems {
		row(w, p.Line, p.Column, p.Result, p.Detail)
	}
}

type bulkSubmit struct {
	bulkFileFlags
	onceFlag
	Again bool `help:"The same rows may have been submitted before."`
	Wait  bool `help:"Wait until it has been paid, and show how far it is."`
}

// Run submits and, if that is wanted, waits.
func (x *bulkSubmit) Run(ctx context.Context, in io.Reader, out io.Writer, diag diagnostics) error {
	file, err := x.read(in)
	if err != nil {
		return err
	}
	file.Again = x.Again
	return x.call(func(c *control.Client) error {
		b, err := c.SubmitBulk(x.once(ctx), x.Shortcode, file)
		if p, ok := errors.AsType[*control.Problem](err); ok && len(p.Rows) > 0 {
			if shown := x.show(out, p, func(w io.Writer) { writeBadRows(w, p.Rows) }); shown != nil {
				return shown
			}
			return err
		}
		if err != nil {
			return err
		}
		return x.showBulk(ctx, c, b, x.Wait, out, diag)
	})
}

// showBulk shows a file. If it is to wait until the file has been paid, it fails when no row was paid.
func (f orgFlags) showBulk(ctx context.Context, c *control.Client, b *control.Bulk, wait bool, out io.Writer, diag diagnostics) (err error) {
	if wait {
		if b, err = awaitBulk(ctx, c, f.Shortcode, b, diag); err != nil {
			return err
		}
	}
	err = f.show(out, b, func(w io.Writer) { writeBulk(w, b) })
	if err == nil && wait && outcome.OfBulk(b).Tone == outcome.Bad {
		err = errNothingMoved
	}
	return err
}

// looksApart is how long to wait before looking again how far a file has been paid.
const looksApart = 200 * time.Millisecond

// awaitBulk waits until a file has been paid or will not be, and shows how far it is.
func awaitBulk(ctx context.Context, c *control.Client, shortcode string, b *control.Bulk, progress io.Writer) (*control.Bulk, error) {
	again := time.NewTicker(looksApart)
	defer again.Stop()
	for shown := ""; ; {
		said := fmt.Sprintf("%3d %%  %d of %d rows, %d failed", 100*(b.Paid+b.Failed)/max(b.Rows, 1), b.Paid+b.Failed, b.Rows, b.Failed)
		if b.State == control.Approving {
			said = fmt.Sprintf("waits for %s: kivuko task approve %s %d", outcome.Approvals(b.Missing), shortcode, b.ID)
		}
		if said != shown {
			fmt.Fprintf(progress, "\r\x1b[K%s", said)
			shown = said
		}
		if b.Ended() {
			fmt.Fprintln(progress)
			return b, nil
		}
		select {
		case <-ctx.Done():
			fmt.Fprintln(progress)
			return nil, ctx.Err()
		case <-again.C:
		}
		next, err := c.Bulk(ctx, shortcode, b.ID)
		if err != nil {
			return nil, err
		}
		b = next
	}
}

type bulkList struct {
	orgFlags
	After string `placeholder:"PLACE" help:"Go on where an earlier list ended."`
	Limit int    `default:"50" help:"List at most so many, from 1 to 1000."`
}

func (x *bulkList) Run(ctx context.Context, out io.Writer) error {
	return shown(x, out, func(c *control.Client) (*control.Page[control.Bulk], error) {
		return c.Bulks(ctx, x.Shortcode, control.ListQuery{After: x.After, Limit: x.Limit})
	}, writeBulks)
}

func writeBulks(w io.Writer, list *control.Page[control.Bulk]) {
	table(w, list.Items, "no bulk files", "FILE, NAME, SUBMITTED, BY, ROWS, TOTAL, PAID, FAILED, STATE", func(b *control.Bulk) {
		row(w, b.ID, b.Name, moment(b.Since), person(b.Initiator), b.Rows, shillings(b.Total), b.Paid, b.Failed, outcome.OfBulk(b).Line)
	})
	more(w, list.Next)
}

// bulkFlags are those of the commands for one file.
type bulkFlags struct {
	orgFlags
	ID int64 `arg:"" help:"The file's number."`
}

type bulkShow struct {
	bulkFlags
	Wait bool `help:"Wait until it has been paid, and show how far it is."`
}

func (x *bulkShow) Run(ctx context.Context, out io.Writer, diag diagnostics) error {
	return x.call(func(c *control.Client) error {
		b, err := c.Bulk(ctx, x.Shortcode, x.ID)
		if err != nil {
			return err
		}
		return x.showBulk(ctx, c, b, x.Wait, out, diag)
	})
}

func writeBulk(w io.Writer, b *control.Bulk) {
	row(w, fmt.Sprintf("file %d, %s", b.ID, b.Name))
	row(w, "  payments", b.Command)
	row(w, "  state", outcome.OfBulk(b).Line)
	row(w, "  rows", fmt.Sprintf("%d, %d paid, %d failed", b.Rows, b.Paid, b.Failed))
	row(w, "  amount", fmt.Sprintf("%s, %s paid", shillings(b.Total), shillings(b.PaidAmount)))
	row(w, "  charges", fmt.Sprintf("%s, %s paid", shillings(b.Charges), shillings(b.Charged)))
	if b.Held != 0 {
		row(w, "  held", shillings(b.Held))
	}
	row(w, "  submitted by", person(b.Initiator))
	for _, a := range b.Approvals {
		row(w, "  approved by", person(a.By))
	}
	if b.Missing > 0 {
		row(w, "  waits for", outcome.Approvals(b.Missing))
	}
	fact(w, "  reason", b.Reason)
}

type bulkResults struct {
	bulkFlags
	Failed bool `help:"List only the rows that could not be paid, as a table."`
}

func (x *bulkResults) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		if x.Failed || x.JSON {
			return x.list(ctx, c, out)
		}
		csv, err := c.BulkResults(ctx, x.Shortcode, x.ID)
		if err == nil {
			_, err = out.Write(csv)
		}
		return err
	})
}

// list prints rows, from the first to the last.
func (x *bulkResults) list(ctx context.Context, c *control.Client, out io.Writer) error {
	all := control.Page[control.BulkRow]{Items: []control.BulkRow{}}
	for r, err := range c.AllBulkRows(ctx, x.Shortcode, x.ID, control.BulkRowQuery{Failed: x.Failed, Limit: fullPage}) {
		if err != nil {
			return err
		}
		all.Items = append(all.Items, r)
	}
	return x.show(out, all, func(w io.Writer) {
		table(w, all.Items, "no rows", "LINE, PHONE, AMOUNT, REMARKS, RESULT, REASON", func(r *control.BulkRow) {
			row(w, r.Line, r.Phone, shillings(r.Amount), r.Remarks, r.Result, r.Reason)
		})
	})
}

type bulkTemplate struct{ orgFlags }

func (x *bulkTemplate) Run(ctx context.Context, out io.Writer) error {
	return x.call(func(c *control.Client) error {
		csv, err := c.BulkTemplate(ctx, x.Shortcode)
		if err == nil {
			_, err = out.Write(csv)
		}
		return err
	})
}

package mpesa_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// drawBulk submits a bulk file, sometimes of more rows than are paid at once, with a few of the market's customers among them.
func (m *market) drawBulk(t *rapid.T) mpesa.Command {
	n := rapid.SampledFrom([]int{1, 2, 5, portal.BulkChunk, portal.BulkChunk + 1}).Draw(t, "rows")
	rows := make([]portal.BulkRow, n)
	line := int64(0)
	for i := range rows {
		line++
		if n < portal.BulkChunk { // some lines of a file are no rows
			line += rapid.SampledFrom([]int64{0, 0, 1, portal.BulkChunk}).Draw(t, "lines between")
		}
		rows[i] = row(line, 254711000000+msisdn.Number(i), 10)
	}
	for i := range min(n, 3) {
		rows[i].Phone, rows[i].Amount = phone(t), sum(t)
	}
	return &portal.SubmitBulk{By: someone(t), Command: businessPayment, Name: "file.csv", Rows: rows, Digest: fmt.Sprint(rows),
		Again: rapid.Bool().Draw(t, "again"), Check: rapid.IntRange(0, 4).Draw(t, "0: check only") == 0}
}

// checkBulk fails the run unless a bulk file's rows and what it says of them agree: each line up to which it has come has one payment, of
// the row's customer and amount.
func (m *market) checkBulk(t *rapid.T) {
	type count struct{ rows, paid, failed int64 }
	counts := map[int64]count{}
	byPayment := map[int64]portal.BulkRowID{}
	for id, r := range m.bulkRows {
		c, file := counts[id.Bulk], m.stands(id.Bulk)
		c.rows++
		if tried := id.Line <= file.Details.Bulk.Done; tried != (r.Payment != 0) {
			t.Fatalf("row %+v of the file %+v", r, file)
		}
		if r.Payment != 0 {
			p, there := m.payments[r.Payment]
			if twin, taken := byPayment[r.Payment]; taken || !there || !p.State.Final() || p.Payee != mpesa.CustomerParty(r.Phone) || p.Amount != r.Amount || p.Details.Original != id.Bulk {
				t.Fatalf("row %+v, and %v, were paid by %+v", r, twin, p)
			}
			byPayment[r.Payment] = id
			if p.State == mpesa.Completed {
				c.paid++
			} else {
				c.failed++
			}
		}
		counts[id.Bulk] = c
	}
	for id, c := range counts {
		p := m.stands(id)
		file := p.Details.Bulk
		if c.rows != file.Rows || c.paid != file.Paid || c.failed != file.Failed || p.State == mpesa.Completed && c.paid+c.failed != c.rows {
			t.Fatalf("%+v is of the file %+v", c, p)
		}
	}
}

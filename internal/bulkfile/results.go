package bulkfile

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/spreadsheet"
)

// Result is what came of a row.
type Result struct {
	Line    int64
	Phone   string
	Amount  money.Amount
	Remarks string
	State   string
	Receipt string // of a row that was paid
	Code    string // ResultCode; "" while its turn has not come
	Reason  string // why it failed
	At      time.Time
}

// Results writes what came of the rows as CSV, which Read takes again. Times are in East Africa Time.
func Results(rows []Result) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.Write([]string{"line", Phone, Amount, Remarks, "state", "receipt", "result", "reason", "time"}) // to memory
	for _, r := range rows {
		at := ""
		if !r.At.IsZero() {
			at = r.At.In(clock.EAT).Format(time.DateTime)
		}
		_ = w.Write([]string{strconv.FormatInt(r.Line, 10), r.Phone, r.Amount.String(), spreadsheet.Inert(r.Remarks), r.State, r.Receipt, r.Code, spreadsheet.Inert(r.Reason), at})
	}
	w.Flush()
	return b.Bytes()
}

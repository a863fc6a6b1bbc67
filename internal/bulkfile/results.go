package bulkfile

import (
	"bytes"
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
	w := spreadsheet.NewWriter(&b)
	w.Write("line", Phone, Amount, Remarks, "state", "receipt", "result", "reason", "time")
	for _, r := range rows {
		at := ""
		if !r.At.IsZero() {
			at = r.At.In(clock.EAT).Format(time.DateTime)
		}
		w.Write(strconv.FormatInt(r.Line, 10), r.Phone, r.Amount.String(), r.Remarks, r.State, r.Receipt, r.Code, r.Reason, at)
	}
	_ = w.Flush() // to memory
	return b.Bytes()
}

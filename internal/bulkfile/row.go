package bulkfile

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// Row reads a row's cells, or says what is wrong with the first that can't be read.
func Row(line int64, phone, amount, remarks string) (portal.BulkRow, *Problem) {
	r := portal.BulkRow{ID: portal.BulkRowID{Line: line}, Remarks: remarks}
	for _, cell := range []struct {
		column, problem string
	}{
		{Phone, readPhone(phone, &r.Phone)},
		{Amount, readAmount(amount, &r.Amount)},
		{Remarks, remarksProblem(remarks)},
	} {
		if cell.problem != "" {
			return r, &Problem{line, cell.column, cell.problem}
		}
	}
	return r, nil
}

// scientific is what spreadsheets make of a number with many digits.
var scientific = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE]\+?[0-9]+$`)

// betweenDigits is what people put between the digits of a number.
var betweenDigits = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "\u00a0", "")

// readPhone reads a number in any of the forms that people write: 07…, 01…, 2547…, +254…, without the zero too, which spreadsheets drop.
func readPhone(cell string, into *msisdn.Number) (problem string) {
	switch {
	case cell == "":
		return "it is empty"
	case scientific.MatchString(cell):
		return fmt.Sprintf("%s is what a spreadsheet has made of a number, and its last digits are lost: make the column text and enter it again", quoted(cell))
	}
	n, err := msisdn.ParseLoose(betweenDigits.Replace(cell))
	if err != nil {
		return quoted(cell) + " is no Safaricom number such as 0708374149, 254708374149 or +254708374149"
	}
	*into = n
	return ""
}

// readAmount reads shillings.
func readAmount(cell string, into *money.Amount) (problem string) {
	amount, err := money.Parse(cell)
	switch {
	case cell == "":
		return "it is empty"
	case err != nil && strings.Contains(cell, ","):
		return quoted(cell) + " has a comma: shillings are written with a point before the cents and with nothing between thousands, such as 1500.50"
	case err != nil:
		return quoted(cell) + " is no amount in shillings with at most two decimals, such as 1500 or 1500.50"
	case amount <= 0:
		return quoted(cell) + " is not more than zero"
	}
	*into = amount
	return ""
}

func remarksProblem(remarks string) string {
	switch {
	case unprintable(remarks):
		return "it has characters that can't be printed, or isn't UTF-8"
	case utf8.RuneCountInString(remarks) > MaxRemarks:
		return fmt.Sprintf("it has more than %d characters", MaxRemarks)
	}
	return ""
}

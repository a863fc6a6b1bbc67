// Package bulkfile reads and writes files of bulk payments: CSV as spreadsheets and payroll programs write it.
package bulkfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/kivuko/kivuko/internal/portal"
)

// What a file may have. No source bounds M-PESA's own; these are a large employer's month, and what is checked in two seconds.
const (
	MaxBytes   = 4 << 20
	MaxRows    = 20_000
	maxLine    = MaxRows + 1 // a header comes on top
	MaxRemarks = 100         // characters, as in the API's Remarks (BusinessToPochi, request parameters)
)

// File is what a file says.
type File struct {
	Rows     []portal.BulkRow // those that could be read, in the order of their lines
	Problems []Problem        // with the others, in the same order
}

// Problem is why a row could not be read.
type Problem struct {
	Line   int64
	Column string // phone, amount or remarks; "": the row as a whole
	Detail string
}

// The columns of a file. The phone's and the amount's have to be there.
const (
	Phone   = "phone"
	Amount  = "amount"
	Remarks = "remarks"
	Name    = "name" // for those who write the file: it is not kept
)

// Columns are those of a file without a header, in order.
func Columns() []string { return []string{Phone, Amount, Remarks, Name} }

// Template is a file to begin with.
func Template() []byte {
	return []byte("phone,amount,remarks,name\r\n0708374149,1500.00,March salary,John Doe\r\n254705912645,820.50,March salary,Mary Roe\r\n")
}

// Digest tells files with the same payments from others: those with the same command, numbers, amounts and remarks, in any order.
func Digest(command string, rows []portal.BulkRow) string {
	lines := make([]string, len(rows))
	for i := range rows {
		lines[i] = fmt.Sprintf("%d %d %s\n", rows[i].Phone, rows[i].Amount, rows[i].Remarks)
	}
	slices.Sort(lines)
	h := sha256.New()
	fmt.Fprintln(h, command)
	for _, line := range lines {
		h.Write([]byte(line))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// quoted shows what a cell has, if it is not too long to be shown.
func quoted(cell string) string {
	const most = 40
	if r := []rune(cell); len(r) > most {
		cell = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", cell)
}

// lineOf is the line of a place in a file, from 1.
func lineOf(text []byte, at int) int64 { return int64(bytes.Count(text[:at], []byte("\n"))) + 1 }

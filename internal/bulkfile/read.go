package bulkfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/spreadsheet"
)

// Read reads a file: rows of phone, amount and, if one likes, remarks and name, separated by commas, semicolons or tabs; columns may have
// another order under a header. An error says what is wrong with the file as a whole.
func Read(text []byte) (*File, error) {
	text, err := plain(text)
	if err != nil {
		return nil, err
	}
	text, line, comma := separated(text)
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	p := parser{columns: Columns()}
	for first := true; ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			p.note(line+int64(wrong.StartLine), "", wrong.Err.Error())
			first = false
			continue
		}
		at, _ := r.FieldPos(0)
		if line+int64(at) > maxLine {
			return nil, fmt.Errorf("it has more than %d lines", maxLine)
		}
		if first {
			first = false
			if header, err := headed(cells); err != nil {
				return nil, err
			} else if header != nil {
				p.columns, p.header = header, true
				continue
			}
		}
		p.row(line+int64(at), cells)
	}
	if n := len(p.file.Rows) + len(p.file.Problems); n == 0 {
		return nil, errors.New("it has no rows")
	} else if n > MaxRows {
		return nil, fmt.Errorf("it has %d rows, more than %d", n, MaxRows)
	}
	return &p.file, nil
}

// plain is a file's text without the mark that some programs begin it with.
func plain(text []byte) ([]byte, error) {
	switch {
	case len(text) > MaxBytes:
		return nil, fmt.Errorf("it is larger than %d MB", MaxBytes>>20)
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")), bytes.HasPrefix(text, []byte("\ufffd\ufffd")): // as JSON has its mark
		return nil, errors.New("it is in UTF-16: save it as CSV in UTF-8")
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return nil, errors.New("it is a workbook: save its sheet as CSV")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, fmt.Errorf("line %d has a NUL: it is no CSV", lineOf(text, at))
	}
	return text, nil
}

// separated finds out what separates the columns: what a first line "sep=;" says, or else what the first line has most of. skipped counts
// the lines that say it.
func separated(text []byte) (rest []byte, skipped int64, comma rune) {
	first, after, _ := bytes.Cut(bytes.TrimLeft(text, "\r\n"), []byte("\n"))
	first = bytes.TrimRight(first, "\r")
	if said, ok := bytes.CutPrefix(first, []byte("sep=")); ok && len(said) == 1 && strings.ContainsAny(string(said), ",;\t") {
		return after, lineOf(text, len(text)-len(after)) - 1, rune(said[0])
	}
	comma = ','
	most := bytes.Count(first, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(first, []byte(string(c))); n > most {
			comma, most = c, n
		}
	}
	return text, 0, comma
}

// headings are what columns are called in a header.
var headings = map[string][]string{
	Phone:   {"phone", "phone number", "phonenumber", "msisdn", "number", "mobile", "mobile number", "telephone"},
	Amount:  {"amount", "amount (kes)", "amount (ksh)", "kes", "ksh", "shillings", "sum"},
	Remarks: {"remarks", "remark", "reference", "narration", "description"}, // not "reason", which Results has beside remarks
	Name:    {"name", "names", "full name", "customer", "recipient"},
}

// headed gives the columns that a header names; nil when the cells are no header. "" is a column that is not read.
func headed(cells []string) (columns []string, err error) {
	if slices.ContainsFunc(cells, func(cell string) bool { return readPhone(trim(cell), new(msisdn.Number)) == "" }) {
		return nil, nil // somebody is paid, whatever the remarks are called
	}
	for _, cell := range cells {
		word := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(cell, "_", " ")), " "))
		found := ""
		for column, words := range headings {
			if slices.Contains(words, word) {
				found = column
			}
		}
		if found != "" && slices.Contains(columns, found) {
			return nil, fmt.Errorf("its header has two columns for the %s", found)
		}
		columns = append(columns, found)
	}
	hasPhone, hasAmount := slices.Contains(columns, Phone), slices.Contains(columns, Amount)
	switch {
	case !hasPhone && !hasAmount:
		return nil, nil
	case !hasPhone:
		return nil, errors.New("its header has no column phone")
	case !hasAmount:
		return nil, errors.New("its header has no column amount")
	}
	return columns, nil
}

// parser reads rows.
type parser struct {
	columns []string // of the cells, in order; "": not read
	header  bool
	file    File
}

func (p *parser) note(line int64, column, detail string) {
	p.file.Problems = append(p.file.Problems, Problem{line, column, detail})
}

// row reads the cells of a line.
func (p *parser) row(line int64, cells []string) {
	if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return // what a spreadsheet leaves of an emptied row
	}
	if problem := p.width(cells); problem != "" {
		p.note(line, "", problem)
		return
	}
	given := map[string]string{}
	for i, column := range p.columns[:min(len(p.columns), len(cells))] {
		given[column] = trim(cells[i])
	}
	r, problem := Row(line, given[Phone], given[Amount], given[Remarks])
	if problem != nil {
		p.file.Problems = append(p.file.Problems, *problem)
		return
	}
	p.file.Rows = append(p.file.Rows, r)
}

// width tells what is wrong with how many cells a row has; "" when nothing is.
func (p *parser) width(cells []string) string {
	n := len(cells)
	for n > 0 && strings.TrimSpace(cells[n-1]) == "" {
		n-- // empty cells at the end
	}
	switch {
	case n > len(p.columns) && p.header:
		return fmt.Sprintf("it has %d columns, and the header %d: a text with a separator in it has to be in quotes", n, len(p.columns))
	case n > len(p.columns):
		return fmt.Sprintf("it has %d columns; without a header there are %s: a text with a separator in it has to be in quotes", n, strings.Join(p.columns, ", "))
	case n < 2:
		return "it has one column; a phone and an amount are needed, separated by a comma, a semicolon or a tab"
	}
	return ""
}

// trim removes the spaces around a cell, and the apostrophe by which spreadsheets are told that it is text.
func trim(cell string) string {
	return spreadsheet.Text(strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }))
}

// unprintable reports whether a text can't be shown as it is. What isn't UTF-8 is RuneError, in JSON too.
func unprintable(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}

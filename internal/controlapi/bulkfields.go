package controlapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// maxBulkBody bounds the bodies of bulk files, in bytes: as JSON a file may be twice as large.
const maxBulkBody = 2*bulkfile.MaxBytes + maxBody

// usualCommand is the CommandID of a bulk file that names none.
const usualCommand = "BusinessPayment"

// bulkRequest is a bulk file that somebody wants checked or submitted.
type bulkRequest struct {
	*bulkfile.File
	field          string // that has the rows
	name           string
	commandID      string
	repeats, again bool
}

// readBulk reads a bulk file and who it is from: an operator who may initiate bulk files.
func (s *server) readBulk(r *request[anyOrganisation, control.NewBulk]) (by mpesa.Actor, file *bulkRequest, err error) {
	if file = r.file; file == nil {
		return by, nil, badField.of("csv", "it is missing, and rows too; one of them is needed")
	}
	b := &r.Body
	file.name, file.commandID, file.repeats, file.again = b.Name, cmp.Or(b.Command, usualCommand), b.Repeats, b.Again
	by, _, err = s.seeing(r.Request, portal.InitiateBulk, "initiate "+mpesa.Bulk.String(), file.name)
	return by, file, err
}

// bulk is the bulk file whose rows come in a field. They come once.
func (r *asked) bulk(field string) (*bulkRequest, error) {
	if r.file != nil {
		return nil, fmt.Errorf("the rows are in %s already; one of the two is needed", r.file.field)
	}
	r.file = &bulkRequest{field: field}
	return r.file, nil
}

// list takes a list of rows, whose lines are counted from 1.
func (f *bulkRequest) list(raw []byte) error {
	var given []control.NewBulkRow
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	switch err := d.Decode(&given); {
	case err != nil:
		return fmt.Errorf("it has to be a list of objects with phone, amount and remarks, which are text: %w", err)
	case len(given) == 0:
		return errors.New("it has no rows")
	case len(given) > bulkfile.MaxRows:
		return fmt.Errorf("it has %d rows, more than %d", len(given), bulkfile.MaxRows)
	}
	f.File = &bulkfile.File{}
	for i, x := range given {
		if row, problem := bulkfile.Row(int64(i+1), x.Phone, x.Amount, x.Remarks); problem != nil {
			f.Problems = append(f.Problems, *problem)
		} else {
			f.Rows = append(f.Rows, row)
		}
	}
	return nil
}

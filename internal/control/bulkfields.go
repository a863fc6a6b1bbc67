package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// maxBulkBody bounds the bodies of bulk files, in bytes: as JSON a file may be twice as large.
const maxBulkBody = 2*bulkfile.MaxBytes + maxBody

// bulkPath is where an organisation's bulk files are.
const bulkPath = api.Root + "organisations/{shortcode}/bulk"

// usualCommand is the CommandID of a bulk file that names none.
const usualCommand = "BusinessPayment"

// mostName is how many characters the name of a bulk file may have.
const mostName = 100

// bulkRequest is a bulk file that somebody wants checked or submitted.
type bulkRequest struct {
	*bulkfile.File
	field          string // that has the rows
	name           string
	commandID      string
	repeats, again bool
}

// readBulk reads a bulk file and who it is from: an operator who may initiate bulk files.
func (s *server) readBulk(r *http.Request) (by mpesa.Actor, file *bulkRequest, err error) {
	file = &bulkRequest{commandID: usualCommand}
	err = readBody(r, fields{
		"name":    file.takeName,
		"command": file.takeCommand,
		"csv":     file.takeCSV,
		"rows":    file.takeRows,
		"repeats": boolean(&file.repeats),
		"again":   boolean(&file.again),
	})
	if err == nil && file.File == nil {
		err = badField.of("csv", "it is missing, and rows too; one of them is needed")
	}
	if err != nil {
		return by, nil, err
	}
	by, _, err = s.seeing(r, mpesa.InitiateBulk, "initiate "+mpesa.Bulk.String(), file.name)
	return by, file, err
}

func (f *bulkRequest) takeName(raw json.RawMessage) (err error) {
	return printed(&f.name, 0, mostName)(raw)
}

func (f *bulkRequest) takeCommand(raw json.RawMessage) error {
	command, err := oneOf(raw, mpesa.Commands(mpesa.B2C))
	if err == nil {
		f.commandID = *command
	}
	return err
}

// once is an error when the rows have come before, in another field.
func (f *bulkRequest) once(field string) error {
	if f.File != nil {
		return fmt.Errorf("the rows are in %s already; one of the two is needed", f.field)
	}
	f.field = field
	return nil
}

func (f *bulkRequest) takeCSV(raw json.RawMessage) error {
	given, err := text(raw)
	if err == nil {
		err = f.once("csv")
	}
	if err == nil {
		f.File, err = bulkfile.Read([]byte(given))
	}
	return err
}

// takeRows takes a list of rows, whose lines are counted from 1.
func (f *bulkRequest) takeRows(raw json.RawMessage) error {
	if err := f.once("rows"); err != nil {
		return err
	}
	var given []api.NewBulkRow
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

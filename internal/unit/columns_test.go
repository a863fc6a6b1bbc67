package unit_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/unit"
)

// card is a row with a column of each sort.
type card struct {
	ID     int64
	State  int64
	Note   string
	Digest [4]byte
	Marks  []byte
	Tags   []string
	Kind   int64
	kept   bool
}

func columns(x *card, c *unit.Columns) {
	unit.Num(c, "id", &x.ID)
	unit.Num(c, "state", &x.State)
	unit.Raw(c, "digest", x.Digest[:])
	unit.Blob(c, "marks", &x.Marks, func(b, marks []byte) []byte { return append(b, marks...) }, func(b []byte) ([]byte, error) {
		if len(b) > 3 {
			return nil, errors.New("too many marks")
		}
		return append([]byte(nil), b...), nil
	})
	c.Keep(x.kept)
	unit.Doc(c, "tags", &x.Tags, nil)
	c.Fixed()
	unit.Num(c, "kind", &x.Kind)
	unit.Text(c, "note", &x.Note)
}

func TestColumnsDescribeThemselves(t *testing.T) {
	got := unit.Describe(func(c *unit.Columns) { columns(&card{kept: true}, c) })
	want := []unit.Column{{Name: "id"}, {Name: "state"}, {Name: "digest", Type: unit.Bytes}, {Name: "marks", Type: unit.Bytes},
		{Name: "tags", Type: unit.String, Kept: true}, {Name: "kind", Fixed: true}, {Name: "note", Type: unit.String, Fixed: true}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n%+v, want\n%+v", got, want)
	}
}

func TestWhatColumnsWriteTheyRead(t *testing.T) {
	var c unit.Columns
	for _, x := range []card{{}, {ID: 1, State: 2, Note: "ß", Digest: [4]byte{1, 2, 3, 4}, Marks: []byte{5, 6}, Tags: []string{"a"}, Kind: 3}} {
		c.Write(false)
		columns(&x, &c)
		var got card
		c.Read()
		if columns(&got, &c); c.Err() != nil || !reflect.DeepEqual(got, x) {
			t.Errorf("%+v, %v; want %+v", got, c.Err(), x)
		}
	}
}

func TestAnUpdateHasTheColumnsThatItChanges(t *testing.T) {
	var c unit.Columns
	for _, x := range []struct {
		update, kept bool
		cells        int
	}{{false, false, 7}, {false, true, 7}, {true, false, 5}, {true, true, 4}} {
		c.Write(x.update)
		columns(&card{kept: x.kept}, &c)
		if len(c.Cells) != x.cells || c.Keeps() != (x.update && x.kept) {
			t.Errorf("%+v: %d cells, keeps %v", x, len(c.Cells), c.Keeps())
		}
	}
}

func TestARowThatCannotBeReadSaysWhichColumn(t *testing.T) {
	for name, cells := range map[string][]unit.Cell{
		"tags":  {{}, {}, {}, {}, {String: "[1"}, {}, {}},
		"marks": {{}, {}, {}, {Bytes: []byte("1234")}, {}, {}, {}},
	} {
		var c unit.Columns
		copy(c.Room(len(cells)), cells)
		c.Read()
		if columns(&card{}, &c); c.Err() == nil || !strings.HasPrefix(c.Err().Error(), name+": ") {
			t.Errorf("%s: %v", name, c.Err())
		}
	}
}

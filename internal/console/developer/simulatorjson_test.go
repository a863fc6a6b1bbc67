package developer

import (
	"strings"
	"testing"

	"github.com/kivuko/kivuko/control"
)

var threeFields = &control.CatalogueAPI{Fields: []control.CatalogueField{{Name: "A"}, {Name: "B", Optional: true}, {Name: "C"}}}

func TestJSONFollowsTheForm(t *testing.T) {
	for name, x := range map[string]struct {
		json string
		form map[string]string
		want string
	}{
		"all is new":                    {`{}`, map[string]string{"A": "1", "C": "x"}, `{"A": "1", "C": "x"}`},
		"a number stays a number":       {`{"A": 1, "C": ""}`, map[string]string{"A": "25"}, `{"A": 25, "C": ""}`},
		"a word can't be a number":      {`{"A": 1, "C": ""}`, map[string]string{"A": "2x"}, `{"A": "2x", "C": ""}`},
		"an optional field goes":        {`{"A": "1", "B": "2", "C": "3"}`, map[string]string{"A": "1", "C": "3"}, `{"A": "1", "C": "3"}`},
		"and comes in its place":        {`{"A": "1", "C": "3"}`, map[string]string{"A": "1", "B": "2", "C": "3"}, `{"A": "1", "B": "2", "C": "3"}`},
		"other members stay":            {`{"X": [1], "A": "1", "C": "3"}`, map[string]string{"A": "2", "C": "3"}, `{"X": [1], "A": "2", "C": "3"}`},
		"the order stays":               {`{"C": "3", "A": "1"}`, map[string]string{"A": "1", "C": "4"}, `{"C": "4", "A": "1"}`},
		"quotes and markup as they are": {`{}`, map[string]string{"A": `"<b>"`, "C": ""}, `{"A": "\"<b>\"", "C": ""}`},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := parseObject(x.json)
			if err != nil {
				t.Fatal(err)
			}
			got := o.follow(threeFields, func(field string) string { return x.form[field] }).String()
			if compact := strings.Join(strings.Fields(got), " "); compact != strings.NewReplacer("{", "{ ", "}", " }", "{}", "{}", "[1]", "[ 1 ]").Replace(x.want) {
				t.Errorf("got %s, want %s", compact, x.want)
			}
		})
	}
}

func TestWhatIsNoObjectIsSaid(t *testing.T) {
	for _, text := range []string{"", "[]", `{"a":1`, `{"a":1} x`, `{a:1}`, `"x"`} {
		if o, err := parseObject(text); err == nil {
			t.Errorf("%q is read as %v", text, o)
		}
	}
}

func TestAFormShowsTextsWithoutQuotes(t *testing.T) {
	o, err := parseObject(`{"a": "x\ny", "b": 1.50, "c": null, "d": [1]}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "x\ny", "b": "1.50", "c": "", "d": "[1]", "e": ""} {
		if got := o.Text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

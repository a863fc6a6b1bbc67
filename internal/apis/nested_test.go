package apis

import (
	"errors"
	"testing"
)

// bill is a path with what no other has: objects and lists.
func bill() (object, bulk []Field) {
	fields := []Field{text("header.id", 1, 9), plain(Phone, "body.msisdn"), list("items", 2, text("name", 1, 9), optional(plain(Amount, "amount"), ""))}
	return fields, each(3, fields...)
}

func TestObjectsAndListsAreRead(t *testing.T) {
	one, bulk := bill()
	const body = `{"header":{"id":7},"body":{"msisdn":"254708374149"},"items":[{"name":"a","amount":1.5},{"name":"b"}]}`
	for text, table := range map[string][]Field{body: one, `[` + body + `]`: bulk} {
		v, err := readAs(table, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if table[0].Name == "" {
			v = v.each("")[0]
		}
		if items := v.each("items"); v.text("header.id") != "7" || v.phone("body.msisdn") != 254708374149 || len(items) != 2 || items[0].amount("amount") != 150 || items[1].text("name") != "b" || items[1].text("amount") != "" {
			t.Errorf("%s is read as %+v", text, v)
		}
	}
}

func TestReasonsNameTheFieldOfAnObjectOrList(t *testing.T) {
	one, bulk := bill()
	const rest = `"header":{"id":"7"},"body":{"msisdn":"254708374149"}`
	for _, test := range []struct {
		table      []Field
		body, want string
	}{
		{one, `{}`, "header.id is missing"},
		{one, `{"header":null}`, "header.id is missing"},
		{one, `{"header":"7"}`, "header is not an object"},
		{one, `{"header":{"id":" "}}`, "header.id is empty; expected text of 1 to 9 characters"},
		{one, `{"header":{"id":{}}}`, "header.id is neither text nor a number"},
		{one, `{"header":{"id":"7"},"body":{"msisdn":"07"}}`, `body.msisdn is "07": not a Safaricom mobile number of the form 2547XXXXXXXX or 2541XXXXXXXX`},
		{one, `{` + rest + `,"items":"x"}`, "items is not a list"},
		{one, `{` + rest + `,"items":[{}]}`, "items[0].name is missing"},
		{one, `{` + rest + `,"items":[{"name":"a"},7]}`, "items[1] is not an object"},
		{one, `{` + rest + `,"items":[{"name":"a","amount":"x"}]}`, `items[0].amount is "x": not an amount in shillings with at most two decimals`},
		{one, `{` + rest + `,"items":[{},{},{}]}`, "items has 3 objects; expected at most 2"},
		{one, `{` + rest + `,"items":[]}`, ""},
		{one, `{` + rest + `,"items":null}`, ""},
		{bulk, ``, "[0].header.id is missing"},
		{bulk, `[]`, "[0].header.id is missing"},
		{bulk, `[7]`, "[0] is not an object"},
		{bulk, `[{` + rest + `},{` + rest + `,"items":[{}]}]`, "[1].items[0].name is missing"},
		{bulk, `{}`, "the body is not a JSON list: it is another kind of value"},
		{bulk, `[{}] x`, "the body is not a JSON list: something follows the list"},
	} {
		got := ""
		if _, err := readAs(test.table, test.body); err != nil {
			r, _ := errors.AsType[Refusal](err)
			got = r.Reason
		}
		if got != test.want {
			t.Errorf("%s: %q; want %q", test.body, got, test.want)
		}
	}
}

func TestBodyNestsWhatLeavesName(t *testing.T) {
	one, bulk := bill()
	for want, table := range map[string][]Field{
		`{"header": {"id": "0"}, "body": {"msisdn": "1"}, "items": [{"name": "2", "amount": "3"}]}`:   one,
		`[{"header": {"id": "0"}, "body": {"msisdn": "1"}, "items": [{"name": "2", "amount": "3"}]}]`: bulk,
	} {
		var members []Member
		for i, f := range (&Path{Fields: table}).Leaves() {
			members = append(members, Member{f.Name, string(rune('0' + i))})
			if f.Optional != (i > 1) {
				t.Errorf("%s: optional %v", f.Name, f.Optional)
			}
		}
		if got := string(Body(members)); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

// readAs reads a body by a table, as Call.Read does.
func readAs(table []Field, body string) (v values, err error) {
	c := &Call{Path: &Path{Fields: table}, Rules: &Rules{}, ContentType: "application/json", Body: []byte(body)}
	f, err := c.fields()
	if err != nil {
		return v, err
	}
	return checkAll(f, table, c.Rules)
}

package apis

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/weburl"
)

// How a request is read: field by field, in the order of its path's table. The first that is wrong is named in the
// refusal, and the ones after it are not looked at.

// values are a request's fields. Asking for a name that the table doesn't have is a defect, and panics.
type values struct {
	table []Field
	list  []value    // in the order of the table
	rows  [][]values // those of its lists, by the number of their value
}

// value is what a field says: its text, and its number where its form has one. Times are in milliseconds.
type value struct {
	text   string
	number int64
}

// Read reads the body and checks each field by the table. Its error is the refusal.
func (c *Call) Read() error {
	f, err := c.fields()
	if err != nil {
		return err
	}
	if c.values, err = checkAll(f, c.Path.Fields, c.Rules); err != nil {
		return c.withHint(err)
	}
	return c.checkOwn()
}

func checkAll(f *fields, table []Field, rules *Rules) (v values, err error) {
	v = values{table: table, list: make([]value, len(table))}
	for i := range v.list {
		x := &table[i]
		if x.Form == List {
			var rows []values
			if rows, err = f.rows(x, rules); err != nil {
				return v, err
			}
			v.list[i].number, v.rows = int64(len(v.rows)), append(v.rows, rows)
		} else if v.list[i], err = check(f, table, x, rules); err != nil {
			return v, err
		}
	}
	return v, nil
}

// checkOwn sees that a production app asks for its own shortcode. Another one is refused as a shortcode that is nobody's is where that is
// refused at once: "Ensure you're using the short code used on Go Live as BusinessShortCode" (MpesaExpressSimulate, common error codes),
// "can only be what was issued for this application" (wire.md §14.4). What the other APIs answer is not recorded.
func (c *Call) checkOwn() error {
	if !c.App.Production {
		return nil
	}
	for i := range c.list {
		x := &c.Path.Fields[i]
		if !x.Own || mpesa.Shortcode(c.list[i].number) == c.App.Shortcode {
			continue
		}
		e := codes.InvalidField(x.Name)
		if c.Path.Foreign != nil {
			e = *c.Path.Foreign
		}
		return Refuse(e, "%s is %s; the app went live with %s, and may ask for that one only", x.Name, c.list[i].text, c.App.Shortcode)
	}
	return nil
}

// withHint adds what was already known of the body to the reason of a refusal.
func (c *Call) withHint(err error) error {
	if r, ok := errors.AsType[Refusal](err); ok && c.Note.Explanation != "" {
		r.Reason = c.Note.Explanation
		return r
	}
	return err
}

// check finds a field and sees that it is what the table says.
func check(f *fields, table []Field, x *Field, rules *Rules) (value, error) {
	found, text, err := f.find(x)
	if err != nil {
		return value{}, err
	}
	rule := f.rule(x)
	if text == "" {
		return value{}, f.checkMissing(table, x, rule, found)
	}
	v := value{text: text}
	var problem string
	if rule.Values != nil && !slices.Contains(rule.Values, text) {
		problem = "is " + strconv.Quote(text) + "; expected " + rule.Expected()
	} else {
		v.number, problem = parse(rule, text, rules)
	}
	if problem != "" {
		return v, wrong(f.at+found.name, "%s", problem)
	}
	return v, nil
}

// checkMissing sees whether a field may be missing, or be empty.
func (f *fields) checkMissing(table []Field, x *Field, rule *Rule, found *field) error {
	switch {
	case rule.Optional, rule.Form == Password, rule.Form == Nothing:
		return nil
	case x.Instead != "":
		if _, text, err := f.find(&table[index(table, x.Instead)]); err != nil || text != "" {
			return err
		}
		return wrong(f.at+x.Name, "is missing, and so is %s", x.Instead)
	case found == nil:
		return wrong(f.at+x.Name, "is missing")
	}
	return wrong(f.at+found.name, "is empty; expected %s", rule.Expected())
}

// find gives a field by its name, or by the other one that it has, and its text, trimmed of what people paste around it.
func (f *fields) find(x *Field) (*field, string, error) {
	found, text, err := f.get(x.Name)
	if err == nil && text == "" && x.Also != "" {
		if other, text, err := f.get(x.Also); err != nil || text != "" {
			return other, text, err
		}
	}
	return found, text, err
}

// get gives the field with a name and its text; nil if there is none. Null counts as not there. A name with a dot is that of a member of
// an object.
func (f *fields) get(name string) (*field, string, error) {
	if object, member, nested := strings.Cut(name, "."); nested {
		return f.member(object, member)
	}
	switch x := f.last(name); {
	case x == nil || x.kind == 'n':
		return nil, "", nil
	case x.kind == '"' || x.kind == '0':
		return x, strings.TrimSpace(x.value), nil
	}
	return nil, "", wrong(f.at+name, "is neither text nor a number")
}

// last is the field that counts of those with a name; nil if there is none.
func (f *fields) last(name string) *field {
	for i := len(f.list) - 1; i >= 0; i-- {
		if f.list[i].name == name {
			return &f.list[i]
		}
	}
	return nil
}

// rule is what holds for a field in this request.
func (f *fields) rule(x *Field) *Rule {
	for i := range x.Cases {
		other := &x.Cases[i]
		if _, text, _ := f.get(other.Of); slices.Contains(other.Is, text) {
			return &other.Rule
		}
	}
	return &x.Rule
}

// parse reads a text by the form of its field. problem says what is wrong with it; "" is nothing.
func parse(rule *Rule, text string, rules *Rules) (number int64, problem string) {
	switch rule.Form {
	case Text:
		return 0, checkText(rule, text)
	case Shortcode:
		if rule.Nobody && text == Nobody {
			return 0, ""
		}
		if s, ok := mpesa.ParseShortcode(text); ok {
			return int64(s), ""
		}
	case Phone:
		return parsePhone(rule, text)
	case Amount, Shillings:
		return parseAmount(rule, text)
	case Number:
		if n, err := strconv.ParseUint(text, 10, 63); err == nil && n >= uint64(rule.Least) && n <= uint64(rule.Most) {
			return int64(n), ""
		}
	case URL:
		return 0, weburl.Check(text, rules.URLs)
	case Timestamp:
		const layout = "20060102150405"
		if len(text) == len(layout) { // not even a fraction of a second more
			return parseTime(rule, layout, text)
		}
	case Day:
		return parseTime(rule, "20060102", text)
	case DateTime:
		return parseTime(rule, time.DateTime, text)
	case Password, Credential:
		return 0, ""
	}
	return 0, fmt.Sprintf("is %q; expected %s", text, rule.Expected())
}

// checkText sees that a text has its length, in characters or in bytes.
func checkText(rule *Rule, text string) (problem string) {
	if rule.Most > 0 {
		if n := utf8.RuneCountInString(text); n < rule.Least || n > rule.Most {
			return fmt.Sprintf("has %d characters; expected %d to %d", n, rule.Least, rule.Most)
		}
	}
	if rule.Bytes > 0 && len(text) > rule.Bytes {
		return fmt.Sprintf("has %d bytes; expected %s", len(text), rule.Expected())
	}
	if strings.ContainsFunc(text, func(r rune) bool { return steers(r) && !(rule.Lines && strings.ContainsRune("\t\n\r", r)) }) {
		return fmt.Sprintf("is %q; it can't have control characters", text)
	}
	return ""
}

// steers reports whether a character changes how the text around it is shown: control characters, those that turn the direction of writing,
// and the line breaks of Unicode. The texts are shown in SMS, statements and terminals.
func steers(r rune) bool {
	return unicode.IsControl(r) || r > unicode.MaxLatin1 && unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) // looking that up takes longest
}

func parsePhone(rule *Rule, text string) (number int64, problem string) {
	international, local := text, ""
	if rule.Local {
		local = ", nor 07XXXXXXXX or 01XXXXXXXX"
		if len(text) == 10 && text[0] == '0' {
			international = "254" + text[1:]
		}
	}
	n, err := msisdn.Parse(international)
	if err != nil {
		return 0, fmt.Sprintf("is %q: %v%s", text, err, local)
	}
	return int64(n), ""
}

// largest is what any API takes as an amount (DarajaTutorial, API errors: Invalid Amount).
const largest = 999_999_999 * money.Shilling

func parseAmount(rule *Rule, text string) (number int64, problem string) {
	a, err := money.Parse(text)
	_, whole := a.Whole()
	least, lowest := money.Amount(1), "0.01"
	if rule.Form == Shillings {
		least, lowest = money.Shilling, "1"
	}
	switch {
	case err != nil:
		return 0, fmt.Sprintf("is %q: %v", text, err)
	case rule.Form == Shillings && !whole:
		return 0, fmt.Sprintf("is %q; expected whole shillings", text)
	case a < least || a > largest:
		return 0, fmt.Sprintf("is %q; expected %s to %d", text, lowest, largest/money.Shilling)
	}
	return int64(a), ""
}

// parseTime reads a time in East Africa Time.
func parseTime(rule *Rule, layout, text string) (number int64, problem string) {
	t, err := time.ParseInLocation(layout, text, clock.EAT)
	if err != nil {
		return 0, fmt.Sprintf("is %q; expected %s", text, rule.Expected())
	}
	return t.UnixMilli(), ""
}

func (v *values) get(name string) *value {
	i := index(v.table, name)
	if i < 0 {
		panic("the table has no field " + name)
	}
	return &v.list[i]
}

func (v *values) text(name string) string               { return v.get(name).text }
func (v *values) number(name string) int                { return int(v.get(name).number) }
func (v *values) shortcode(name string) mpesa.Shortcode { return mpesa.Shortcode(v.get(name).number) }
func (v *values) phone(name string) msisdn.Number       { return msisdn.Number(v.get(name).number) }
func (v *values) amount(name string) money.Amount       { return money.Amount(v.get(name).number) }
func (v *values) time(name string) time.Time            { return time.UnixMilli(v.get(name).number).In(clock.EAT) }

package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
)

// grouped writes an amount as people read it: 1,234.50. It takes a control.Amount or the text of one.
func grouped(amount any) (string, error) {
	switch a := amount.(type) {
	case control.Amount:
		return a.Grouped(), nil
	case *control.Amount:
		if a == nil {
			return "", nil
		}
		return a.Grouped(), nil
	case string:
		m, err := control.ParseAmount(a)
		return m.Grouped(), err
	}
	return "", fmt.Errorf("%T is no amount", amount)
}

// eat writes a moment in East Africa Time; "" for none.
func eat(at any, layout string) (string, error) {
	t, err := moment(at)
	if err != nil || t.IsZero() {
		return "", err
	}
	return t.In(clock.EAT).Format(layout), nil
}

func moment(at any) (t time.Time, err error) {
	switch at := at.(type) {
	case time.Time:
		return at, nil
	case control.Time:
		return at.Time, nil
	case *control.Time:
		if at != nil {
			t = at.Time
		}
		return t, nil
	}
	return t, fmt.Errorf("%T is no time", at)
}

// ago is a moment as an element that a script keeps saying the age of, as long as it is young. Without scripts it is the time of day.
func ago(at any) (template.HTML, error) {
	t, err := moment(at)
	if err != nil || t.IsZero() {
		return "", err
	}
	t = t.In(clock.EAT)
	return template.HTML(fmt.Sprintf(`<time data-ago datetime="%s" title="%s">%s</time>`,
		t.Format(time.RFC3339), t.Format("2 Jan 2006, 15:04:05"), t.Format("2 Jan 15:04:05"))), nil // digits and names of months: nothing to escape
}

// tone is the class of a badge by what it says: the states of payments, callbacks, operators, tasks and files. Other words are
// neither good nor bad.
func tone(word any) string {
	switch fmt.Sprint(word) {
	case "completed", "delivered", "active", "approved", "paid", "ok", "balanced":
		return "good"
	case "failed", "given-up", "locked", "rejected", "refused", "frozen", "suspended", "closed":
		return "bad"
	case "prompting", "queued", "validating", "approving", "pending", "waiting", "held", "running", "checking", "paying":
		return "wait"
	}
	return ""
}

// pretty indents JSON. What is no JSON stays as it is.
func pretty(value any) (string, error) {
	var raw []byte
	switch v := value.(type) {
	case json.RawMessage:
		raw = v
	case []byte:
		raw = v
	case string:
		raw = []byte(v)
	default:
		b, err := json.MarshalIndent(v, "", "  ")
		return string(b), err
	}
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw), nil
	}
	return b.String(), nil
}

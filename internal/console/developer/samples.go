package developer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/kivuko/kivuko/control"
)

// request is what a sample is to send.
type request struct {
	Base string // URL of the gateway
	Key  string // the app's
	API  *control.CatalogueAPI
	Body object
}

// sample is a request as somebody's program sends it. No secret stands in it: CONSUMER_SECRET, PASSKEY and SECURITY_CREDENTIAL are read
// from the environment.
type sample struct {
	ID, Title string
	Code      string
}

// samples writes a request in each language.
func samples(r *request) []sample {
	if isList(r.API) { // the other samples write members
		return []sample{{"curl", "curl", curlSample(r)}}
	}
	return []sample{
		{"curl", "curl", curlSample(r)},
		{"go", "Go", goSample(r)},
		{"node", "Node", nodeSample(r)},
		{"python", "Python", pythonSample(r)},
		{"php", "PHP", phpSample(r)},
	}
}

// path is where a body is posted to; "" where the token is all there is to ask for.
func (r *request) path() string {
	if len(r.API.Fields) == 0 {
		return ""
	}
	return r.API.Path
}

// The marks that each request fills in anew (see control.Draft), as names of variables.
const (
	timestampMark  = "timestamp"
	passwordMark   = "password"
	credentialMark = "credential"
	uniqueMark     = "unique"
)

// usedMark finds a mark in a text.
var usedMark = regexp.MustCompile(`\{\{(timestamp|password|credential|unique)\}\}`)

// piece is a part of a text: some text as it is, or a mark.
type piece struct{ text, mark string }

// pieces takes a text apart. There is one at least.
func pieces(text string) (list []piece) {
	at := 0
	for _, found := range usedMark.FindAllStringSubmatchIndex(text, -1) {
		if found[0] > at {
			list = append(list, piece{text: text[at:found[0]]})
		}
		list = append(list, piece{mark: text[found[2]:found[3]]})
		at = found[1]
	}
	if at < len(text) || len(list) == 0 {
		list = append(list, piece{text: text[at:]})
	}
	return list
}

// uses reports whether a mark stands anywhere in the body. A password is made with a passkey of its own, and the time that stands there.
func (r *request) uses(mark string) bool {
	for _, m := range r.Body {
		if strings.Contains(string(m.Value), "{{"+mark+"}}") {
			return true
		}
	}
	return false
}

// language is how a language writes what samples need.
type language struct {
	quote func(text string) string // a text
	mark  func(mark string) string // the value of a mark
	plus  string                   // between texts that become one
	colon string                   // between the name and the value of a member
}

// text writes a text with marks.
func (l *language) text(text string) string {
	var parts []string
	for _, p := range pieces(text) {
		if p.mark != "" {
			parts = append(parts, l.mark(p.mark))
		} else {
			parts = append(parts, l.quote(p.text))
		}
	}
	return strings.Join(parts, l.plus)
}

// members writes the body, a member a line: texts as the language has them, anything else as other writes it.
func (l *language) members(body object, other func(json.RawMessage) string) string {
	var b strings.Builder
	for _, m := range body {
		value := ""
		if s, ok := asText(m.Value); ok {
			value = l.text(s)
		} else {
			value = other(m.Value)
		}
		b.WriteString("    " + l.quote(m.Name) + l.colon + value + ",\n")
	}
	return b.String()
}

// asText is a JSON value that is a text.
func asText(value json.RawMessage) (s string, ok bool) {
	return s, value[0] == '"' && json.Unmarshal(value, &s) == nil
}

// prepared are the statements that make the values of the body's marks. In password, %s is the shortcode, and then the time: what a
// Password is made of besides the passkey.
func (l *language) prepared(r *request, timestamp, password, comment, unique string) string {
	return strings.TrimSuffix(lines(
		when(r.uses(timestampMark), timestamp),
		when(r.uses(passwordMark), fmt.Sprintf(password, l.text(r.Body.Text("BusinessShortCode")), l.text(r.Body.Text("Timestamp")))),
		when(r.uses(credentialMark), comment+" "+credentialHelp),
		when(r.uses(uniqueMark), unique),
	), "\n")
}

// lines joins those that are not empty.
func lines(list ...string) string {
	var kept []string
	for _, l := range list {
		if l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n") + "\n"
}

// when is a line that only some samples have.
func when(needed bool, line string) string {
	if needed {
		return line
	}
	return ""
}

// credentialHelp says where a SecurityCredential comes from.
const credentialHelp = "SECURITY_CREDENTIAL is what 'kivuko credential PASSWORD' prints for the initiator's password."

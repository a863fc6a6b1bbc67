package apis

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// verdict reads a business's answer to a validation request. ResultCode may be a number or text; the number zero, however it is
// written, and the text "0" accept, and anything else rejects (wire.md §6.3). An answer that can't be read is none.
func verdict(status int, body []byte) mpesa.Verdict {
	if status < 200 || status > 299 {
		return mpesa.Verdict{Reason: fmt.Sprintf("the validation URL answered HTTP %d", status)}
	}
	var reply struct {
		ResultCode        any
		ThirdPartyTransID any
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&reply); err != nil {
		return mpesa.Verdict{Reason: fmt.Sprintf("the validation URL's answer is not JSON: %v", err)}
	}
	code, ok := scalar(reply.ResultCode)
	if !ok || code == "" {
		return mpesa.Verdict{Reason: "the validation URL's answer has no ResultCode"}
	}
	third, _ := scalar(reply.ThirdPartyTransID)
	return mpesa.Verdict{Answered: true, Code: code, ThirdPartyID: third}
}

// longest is how many characters are kept of what an answer says.
const longest = 100

// scalar gives text or a number as text; every zero is "0".
func scalar(value any) (text string, ok bool) {
	switch x := value.(type) {
	case string:
		return cut(strings.TrimSpace(x)), true
	case json.Number:
		digits, _, _ := strings.Cut(strings.ToLower(x.String()), "e")
		if strings.Trim(digits, "-.0") == "" {
			return "0", true
		}
		return cut(x.String()), true
	}
	return "", false
}

func cut(text string) string {
	if len(text) <= longest {
		return text
	}
	r := []rune(text)
	return string(r[:min(len(r), longest)])
}

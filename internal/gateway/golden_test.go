package gateway_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/gateway"
	"github.com/kivuko/kivuko/internal/testworld"
)

// TestTranscripts plays the requests of testdata, whose bodies are the documents', and compares the answers with the printed
// ones, key by key, in their order and with their types.
func TestTranscripts(t *testing.T) {
	for name, change := range map[string]func(*gateway.Options){
		"express": func(*gateway.Options) {},
		"errors":  func(*gateway.Options) {},
		"oauth":   func(*gateway.Options) {},
		"classic": func(o *gateway.Options) { o.Rules.ClassicQuery = true },
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			play(t, newBench(t, change), string(text))
		})
	}
}

var (
	requestLine = regexp.MustCompile(`^> ([A-Z]+) (\S+)$`)
	answerLine  = regexp.MustCompile(`^< ([0-9]{3}) (\S+)$`)
	phoneLine   = regexp.MustCompile(`^= ([0-9]+) (?:enters |)(\S+)$`)
	headerLine  = regexp.MustCompile(`^([A-Z][A-Za-z-]+): (.*)$`)
)

// exchange is a request of a transcript and its printed answer.
type exchange struct {
	line              int
	method, path      string
	header            map[string]string
	body, answer      strings.Builder
	status            int
	contentType       string
	answering, inBody bool
}

func play(t *testing.T, b *bench, text string) {
	var x *exchange
	var last testworld.Answer
	played := 0
	finish := func() {
		if x != nil && x.answering {
			last = x.play(t, b, last)
			played++
		}
		x = nil
	}
	for i, line := range strings.Split(text, "\n") {
		switch request, answer, phone := requestLine.FindStringSubmatch(line), answerLine.FindStringSubmatch(line), phoneLine.FindStringSubmatch(line); {
		case request != nil:
			finish()
			x = &exchange{line: i + 1, method: request[1], path: request[2], header: map[string]string{}}
		case answer != nil:
			x.answering, x.contentType = true, answer[2]
			x.status, _ = strconv.Atoi(answer[1])
		case phone != nil:
			finish()
			b.enter(t, phone[1], strings.Replace(phone[2], "cancels", "cancel", 1))
		case x == nil:
		case x.answering && line == "":
			finish()
		case x.answering:
			x.answer.WriteString(line + "\n")
		default:
			if h := headerLine.FindStringSubmatch(line); h != nil && !x.inBody {
				x.header[h[1]] = h[2]
				continue
			}
			x.inBody = x.inBody || line != ""
			x.body.WriteString(line + "\n")
		}
	}
	finish()
	if want := strings.Count(text, "\n> "); played == 0 || played != want {
		t.Errorf("%d of %d exchanges were played", played, want)
	}
}

func (x *exchange) play(t *testing.T, b *bench, last testworld.Answer) testworld.Answer {
	t.Helper()
	body := strings.ReplaceAll(x.body.String(), "{{CheckoutRequestID}}", last.CheckoutRequestID())
	r := b.Request(t, x.method, x.path, []byte(body))
	if len(x.header) == 0 {
		r.Header.Set("Authorization", "Bearer "+b.Token(t))
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range x.header {
		r.Header.Set(name, value)
	}
	a := b.Merchant.Do(t, r)
	if a.Status != x.status || a.Header.Get("Content-Type") != x.contentType {
		t.Errorf("line %d: HTTP %d %s %s; want %d %s", x.line, a.Status, a.Header.Get("Content-Type"), a.Body, x.status, x.contentType)
	}
	if x.answer.Len() == 0 {
		if len(a.Body) != 0 {
			t.Errorf("line %d: the answer is %q; want nothing", x.line, a.Body)
		}
		return a
	}
	testworld.SameForm(t, a.Body, []byte(x.answer.String()))
	if a.CheckoutRequestID() == "" {
		return last // what refuses names no payment
	}
	return a
}

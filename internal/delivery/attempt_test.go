package delivery_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/kivukotest"
)

func TestOneAttemptIsMadeByDefault(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.Collect(t)
	for _, status := range []int{200, 202, 204, 299, 300, 304, 400, 401, 404, 500, 502, 503} {
		c.Answer(kivukotest.Status(status))
		state := mpesa.GivenUp
		if status < 300 {
			state = mpesa.Delivered
		}
		d := b.owe(t, c.URL, "cancel")
		want(t, b.over(t, d), state, answered(status))
		c.Next(t)
	}
	b.Clock.Advance(24 * time.Hour)
	b.sender.Retries().Settle()
	if left := c.Left(); len(left) != 0 || b.sender.Retries().Len() != 0 || b.sender.Backlog() != 0 {
		t.Errorf("later %v came; %d wait, %d are under way", left, b.sender.Retries().Len(), b.sender.Backlog())
	}
}

func TestWhatBecomesOfAnAttempt(t *testing.T) {
	closed := kivukotest.Collect(t)
	gone := closed.URL
	closed.Close()
	b := newBench(t, settings{before: func(c *delivery.Sender) { c.Resolve(resolver(t, nil)) }})
	c := kivukotest.Collect(t)
	for path, answer := range map[string]http.HandlerFunc{
		"/closes": kivukotest.CloseConnection, "/redirects": kivukotest.Redirect(c.URL + "/elsewhere"), "/moved": kivukotest.Redirect("/elsewhere"),
		"/huge": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 10<<20)) },
		"/early": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusCreated)
		},
	} {
		c.AnswerAt(path, answer)
	}
	for name, test := range map[string]struct {
		url   string
		state mpesa.DeliveryState
		want  mpesa.Attempt
	}{
		"closes":             {c.URL + "/closes", mpesa.GivenUp, unanswered("the connection was closed without an answer")},
		"refuses":            {gone, mpesa.GivenUp, unanswered("connection refused")},
		"unknown host":       {"http://nowhere.test/", mpesa.GivenUp, unanswered("unknown host nowhere.test")},
		"redirects":          {c.URL + "/redirects", mpesa.GivenUp, answered(307)},
		"redirects relative": {c.URL + "/moved", mpesa.GivenUp, answered(307)},
		"talks a lot":        {c.URL + "/huge", mpesa.Delivered, answered(200)},
		"hints first":        {c.URL + "/early", mpesa.Delivered, answered(201)},
		"speaks no TLS":      {strings.Replace(c.URL, "http:", "https:", 1), mpesa.GivenUp, unanswered("tls: first record does not look like a TLS handshake")},
		"speaks no HTTP":     {speaks(t, "SSH-2.0-OpenSSH_9.2\r\n"), mpesa.GivenUp, unanswered("the answer is not HTTP/1")},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, b.over(t, b.owe(t, test.url, "cancel")), test.state, test.want)
		})
	}
	for _, r := range c.Left() {
		if r.Path == "/elsewhere" {
			t.Error("a redirect was followed")
		}
	}
}

func TestAttemptsAreNotMadeForEver(t *testing.T) {
	const timeout = 500 * time.Millisecond
	b := newBench(t, settings{options: func(o *delivery.Options) { o.Timeout = timeout }})
	c := kivukotest.Collect(t)
	c.AnswerAt("/half", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		c.Hang(w, r)
	})
	c.AnswerAt("/hangs", c.Hang)
	half, hangs := b.owe(t, c.URL+"/half", "cancel"), b.owe(t, c.URL+"/hangs", "cancel")
	half, hangs = b.over(t, half), b.over(t, hangs)
	want(t, half, mpesa.Delivered, answered(200)) // what it answered is known, although the rest never came
	want(t, hangs, mpesa.GivenUp, unanswered("no answer within 500ms"))
	for _, d := range []mpesa.Delivery{half, hangs} {
		if took := time.Duration(d.Attempts[0].Micros) * time.Microsecond; took < timeout {
			t.Errorf("an attempt took %s", took)
		}
	}
}

// speaks is the URL of a server that says something and closes.
func speaks(t *testing.T, greeting string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.Read(make([]byte, 4096))
				io.WriteString(c, greeting)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// resolver knows hosts by the address that it gives for them, and says of any other that it doesn't exist. No request leaves
// the machine.
func resolver(t *testing.T, hosts map[string]net.IP) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		question := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			server.WriteTo(dnsAnswer(question[:n], hosts), from)
		}
	}()
	return &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("udp", server.LocalAddr().String())
	}}
}

// dnsAnswer answers a DNS question (RFC 1035 §4): the address of a known host, or that there is no such host.
func dnsAnswer(question []byte, hosts map[string]net.IP) []byte {
	end := 12
	var name []string
	for question[end] != 0 {
		size := int(question[end])
		name = append(name, string(question[end+1:end+1+size]))
		end += 1 + size
	}
	kind := binary.BigEndian.Uint16(question[end+1:])
	answer := append([]byte(nil), question[:end+5]...)
	ip, known := hosts[strings.Join(name, ".")]
	answer[2], answer[3] = 0x81, 0x80 // an answer, recursion was available
	if !known {
		answer[3] |= 3 // no such name
	}
	answer[6], answer[7], answer[10], answer[11] = 0, 0, 0, 0
	data := ip.To4()
	if kind == 28 {
		data = nil
		if ip.To4() == nil {
			data = ip.To16()
		}
	}
	if known && len(data) > 0 {
		answer[7] = 1
		answer = append(answer, 0xc0, 12, byte(kind>>8), byte(kind), 0, 1, 0, 0, 0, 60, 0, byte(len(data)))
		answer = append(answer, data...)
	}
	return answer
}

func TestCallbacksReachServersWithTheirOwnCertificates(t *testing.T) {
	b, c := newBench(t, settings{}), kivukotest.CollectTLS(t)
	for range 2 {
		want(t, b.over(t, b.owe(t, c.URL, "cancel")), mpesa.Delivered, answered(200))
	}
	if first, second := c.Next(t), c.Next(t); first.From != second.From {
		t.Errorf("they came from %s and %s", first.From, second.From)
	}
}

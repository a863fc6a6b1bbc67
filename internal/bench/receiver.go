package bench

import (
	"bytes"
	"fmt"
	"net"
	"time"
)

// receiver is the web server at which the merchants take their callbacks: each business at a path of its own for each API,
// /stk/174379, and what else it has put into the path may follow.
type receiver struct {
	generator *generator
}

var (
	thanks  = answer(`{"ResultCode":0,"ResultDesc":"Thanks"}`)
	accepts = answer(`{"ResultCode":"0","ResultDesc":"Accepted"}`) // takes a payment (wire.md §6.3)
)

// answer is the whole response with a body.
func answer(body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// listen opens a port for a handler's connections on the loopback interface, and says its URL.
func listen(n network, h handler) (url string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	url = fmt.Sprintf("http://%s", l.Addr())
	return url, n.accept(l.(*net.TCPListener), h)
}

// received takes callbacks and answers each.
func (r *receiver) received(l link, data []byte) (used int, err error) {
	for {
		request, n, err := cut(data[used:])
		if n == 0 || err != nil {
			return used, err
		}
		path, err := request.path()
		if err != nil {
			return used, err
		}
		used += n
		if err := l.send(r.calledBack(path, request.body)); err != nil {
			return used, err
		}
	}
}

// calledBack gives a callback to the API that it is of.
func (r *receiver) calledBack(path, body []byte) (answer []byte) {
	g := r.generator
	g.lastNews = time.Since(g.start)
	api, rest, _ := bytes.Cut(bytes.TrimPrefix(path, []byte("/")), []byte("/"))
	business, rest, _ := bytes.Cut(rest, []byte("/"))
	f := g.flow(api)
	if f == nil {
		g.flows[0].unknown++
		return thanks
	}
	return f.calledBack(business, rest, body)
}

// lost does nothing: the server will connect again when it has something to say.
func (r *receiver) lost(link, error) {}

// silent is a merchant's web server that hangs: it takes everything and never answers.
type silent struct{}

func (silent) received(_ link, data []byte) (used int, err error) { return len(data), nil }

func (silent) lost(link, error) {}

// nobody is the URL of a merchant's web server that is not running: a connection to tcpmux, which nobody has, is refused.
const nobody = "http://127.0.0.1:1"

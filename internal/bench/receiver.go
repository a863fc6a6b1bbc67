package bench

import (
	"fmt"
	"net"
)

// receiver is the web server at which the merchants take their callbacks: each paybill at a path of its own.
type receiver struct {
	generator *generator
}

var thanks = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 38\r\n\r\n" +
	`{"ResultCode":0,"ResultDesc":"Thanks"}`)

// listen opens a port for a handler's connections on the loopback interface, and says its URL.
func listen(n network, h handler) (url string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	url = fmt.Sprintf("http://%s", l.Addr())
	return url, n.accept(l.(*net.TCPListener), h)
}

// received takes callbacks and thanks for each.
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
		if err := l.send(thanks); err != nil {
			return used, err
		}
		r.generator.calledBack(path, value(request.body, `"CheckoutRequestID"`), value(request.body, `"ResultCode"`))
	}
}

// lost does nothing: the server will connect again when it has something to say.
func (r *receiver) lost(link, error) {}

// silent is a merchant's web server that hangs: it takes everything and never answers.
type silent struct{}

func (silent) received(_ link, data []byte) (used int, err error) { return len(data), nil }

func (silent) lost(link, error) {}

// nobody is the URL of a merchant's web server that is not running: a connection to tcpmux, which nobody has, is refused.
const nobody = "http://127.0.0.1:1"

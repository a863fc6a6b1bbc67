package crashtest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/proctest"
)

// Strangers who hold three times as many connections as Kivuko has keep no client out.
func TestStrangersKeepNobodyOut(t *testing.T) {
	const descriptors, held = 256, 384
	shell := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, descriptors))
	shell.Args = append(shell.Args, serve(":memory:").Args...)
	server := proctest.Start(t, shell)
	for _, text := range []string{"", "GET / HTTP/1.1\r\nHost: localhost\r\n", "POST /oauth/v1/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n",
		"POST /mpesa/stkpush/v1/processrequest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		for range held {
			c, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = io.WriteString(c, text) // it may have been closed
		}
		for i := range 10 {
			client := &http.Client{Timeout: time.Second, Transport: &http.Transport{}} // with a connection of its own
			answer, err := client.Get(server.URL + "/healthz")
			if err != nil {
				t.Fatalf("client %d beside strangers who send %q: %v", i, text, err)
			}
			answer.Body.Close()
			if i > 0 {
				client.CloseIdleConnections()
			}
		}
	}
}

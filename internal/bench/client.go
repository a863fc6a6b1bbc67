package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// dialTimeout bounds how long a server on the same machine takes to accept a connection.
const dialTimeout = 5 * time.Second

// client is one persistent connection of a merchant's program: it has one request at a time under way.
type client struct {
	generator *generator
	link      link
	busy      bool
	flow      *flow // of the request under way, as the following
	merchant  *merchant
	customer  int
	due       time.Duration // when the request was to be sent, since the run began
}

// dial connects the client.
func (c *client) dial() error {
	conn, err := net.DialTimeout("tcp", c.generator.address, dialTimeout)
	if err != nil {
		return err
	}
	c.link, err = c.generator.network.adopt(conn.(*net.TCPConn), c)
	return err
}

// send sends the request for a payment.
func (c *client) send(f *flow, m *merchant, customer int, amount int64, due time.Duration) {
	c.busy, c.flow, c.merchant, c.customer, c.due = true, f, m, customer, due
	if err := c.link.send(c.generator.requests.request(f.name, m, customer, amount)); err != nil {
		c.link.close()
		c.lost(c.link, err)
	}
}

// received reads the acknowledgement.
func (c *client) received(_ link, data []byte) (used int, err error) {
	if !c.busy {
		return 0, fmt.Errorf("the server said something that nobody asked for: %.60q", data)
	}
	answer, used, err := cut(data)
	if used == 0 || err != nil {
		return 0, err
	}
	status, err := answer.status()
	if err != nil {
		return 0, err
	}
	c.busy = false
	c.generator.free = append(c.generator.free, c)
	if status == 200 && bytes.Equal(value(answer.body, `"ResponseCode"`), []byte("0")) {
		c.flow.acknowledged(c, answer.body)
	} else {
		c.flow.refused(c, refusal(status, answer.body))
	}
	return used, nil
}

// refusal is what a refusal is counted as.
func refusal(status int, body []byte) string {
	if code := value(body, `"errorCode"`); len(code) > 0 {
		return fmt.Sprintf("%d %s %s", status, code, value(body, `"errorMessage"`))
	}
	return fmt.Sprintf("%d %.60q", status, body)
}

// lost connects again. Whether the request under way was accepted is not known.
func (c *client) lost(_ link, err error) {
	g := c.generator
	if c.busy {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		c.busy = false
		g.free = append(g.free, c)
		c.flow.unanswered(c, err)
	}
	if err := c.dial(); err != nil {
		g.failed = fmt.Errorf("the server doesn't answer any more: %w", err)
	}
}

package pgtest

import (
	"bytes"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
)

// Relay stands between a program and a server, as a network does, and fails when it is told to.
type Relay struct {
	server   *Server
	listener net.Listener

	mu      sync.Mutex
	held    chan struct{} // while it is open, what clients of then send waits
	lose    int           // replies to COMMIT that are still to be lost
	drop    int           // COMMITs that are still to be lost before they arrive
	dropped chan struct{}
}

// committed is what a server says to a COMMIT (PostgreSQL documentation, CommandComplete).
var committed = []byte("C\x00\x00\x00\x0bCOMMIT\x00")

// parsed is a client having COMMIT prepared under a name, to be bound by that name later (PostgreSQL documentation, Parse and Bind).
var parsed = regexp.MustCompile(`(?s)P\x00\x00..([^\x00]+)\x00COMMIT\x00`)

// commitNames is what a client has called its COMMIT, between zero bytes.
type commitNames [][]byte

// in reports whether a part of what the client sends has a COMMIT carried out, and learns its name where it is prepared.
func (c *commitNames) in(part []byte) bool {
	for _, name := range *c {
		if bytes.Contains(part, name) {
			return true
		}
	}
	for _, m := range parsed.FindAllSubmatch(part, -1) {
		*c = append(*c, slices.Concat([]byte{0}, m[1], []byte{0}))
	}
	return false
}

// Relay begins to relay to the server, until the test ends.
func (s *Server) Relay(tb testing.TB) *Relay {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	r := &Relay{server: s, listener: listener, dropped: make(chan struct{}, 1024)}
	tb.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go r.relay(client)
		}
	}()
	return r
}

// URL is that of a database of the server, by way of the relay.
func (r *Relay) URL(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	q.Del("port")
	q.Del("host")
	u.Host, u.RawQuery = r.listener.Addr().String(), q.Encode()
	return u.String()
}

// LoseCommits loses the replies to the next n COMMITs, and the connections with them. Lost says of each that it is.
func (r *Relay) LoseCommits(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lose = n
}

// DropCommits loses the next n COMMITs themselves, with what comes with each and its connection. Lost says of each that it is.
func (r *Relay) DropCommits(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop = n
}

// Lost gets a value for each COMMIT, or reply to one, that was lost.
func (r *Relay) Lost() <-chan struct{} { return r.dropped }

// Hold keeps what the clients of now send from the server, until release is called. It arrives then, even if they have gone.
func (r *Relay) Hold() (release func()) {
	held := make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = held
	return sync.OnceFunc(func() { close(held) })
}

func (r *Relay) relay(client net.Conn) {
	server, err := net.Dial("unix", filepath.Join(r.server.dir, ".s.PGSQL."+port))
	if err != nil {
		client.Close()
		return
	}
	r.mu.Lock()
	before := r.held
	r.mu.Unlock()
	go func() {
		defer server.Close()
		var names commitNames
		pump(client, server, func(part []byte) bool {
			commits := names.in(part)
			r.mu.Lock()
			held := r.held
			drops := commits && r.drop > 0
			if drops {
				r.drop--
				r.dropped <- struct{}{}
			}
			r.mu.Unlock()
			if drops {
				return false
			}
			if held != nil && held != before { // it was held after this connection was made
				<-held
			}
			return true
		})
	}()
	defer client.Close()
	pump(server, client, func(part []byte) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.lose == 0 || !bytes.Contains(part, committed) {
			return true
		}
		r.lose--
		r.dropped <- struct{}{}
		return false
	})
	if t, ok := client.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
}

// pump passes on what from says, as long as it may.
func pump(from, to net.Conn, may func(part []byte) bool) {
	part := make([]byte, 64<<10)
	for {
		n, err := from.Read(part)
		if n > 0 {
			if !may(part[:n]) {
				return
			}
			if _, err := to.Write(part[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

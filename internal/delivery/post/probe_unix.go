//go:build unix

package post

import (
	"net"
	"syscall"
)

// probe looks whether a connection that waits for a request is still good.
type probe struct {
	raw    syscall.RawConn
	look   func(fd uintptr) (done bool)
	silent bool
}

func newProbe(c net.Conn) *probe {
	tcp, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	p := &probe{raw: raw}
	p.look = func(fd uintptr) bool {
		var b [1]byte
		_, err := syscall.Read(int(fd), b[:]) // doesn't wait
		p.silent = err == syscall.EAGAIN
		return true
	}
	return p
}

// ended reports whether the server has closed the connection, or has said something unasked, which is that it will. An attempt
// that is made once only must not be lost on such a connection.
func (p *probe) ended() bool {
	return p == nil || p.raw.Read(p.look) != nil || !p.silent
}

//go:build unix

package delivery

import (
	"net"
	"syscall"
)

// ended tells whether a connection that waits for a request is no longer good: the server has closed it, or has said something
// unasked, which is that it will. An attempt that is made once only must not be lost on it.
func ended(c net.Conn) bool {
	tcp, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return true
	}
	silent := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, err := syscall.Read(int(fd), b[:])
		silent = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
		return true
	})
	return err != nil || !silent
}

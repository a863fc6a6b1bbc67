package postgres

import (
	"strings"
	"syscall"
)

const tcpUserTimeout = 0x12 // TCP_USER_TIMEOUT of linux/tcp.h, which package syscall lacks

// lostNetwork has a TCP connection end when what was sent is not acknowledged for 5 seconds. It is a net.Dialer's Control.
func lostNetwork(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var err error
	controlErr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, 5000)
	})
	if controlErr != nil {
		return controlErr
	}
	return err
}

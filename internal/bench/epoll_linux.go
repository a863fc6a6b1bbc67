package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// epoll is the network of Linux: one thread, no goroutine to wake, and a read and a write for each message. It costs half of
// what a goroutine for each connection does.
type epoll struct {
	fd      int
	events  [256]syscall.EpollEvent
	sockets []*socket // by file descriptor
	buffer  [bufferSize]byte
}

// socket is a connection, or a listener, of an epoll.
type socket struct {
	poller  *epoll
	fd      int
	listens bool
	handler handler
	unused  []byte // what the handler has not used yet
}

func newNetwork() (network, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	return &epoll{fd: fd}, nil
}

func (p *epoll) adopt(c *net.TCPConn, h handler) (link, error) {
	fd, err := takeOver(c)
	if err != nil {
		return nil, err
	}
	return p.add(&socket{poller: p, fd: fd, handler: h})
}

func (p *epoll) accept(l *net.TCPListener, h handler) error {
	fd, err := takeOver(l)
	if err != nil {
		return err
	}
	_, err = p.add(&socket{poller: p, fd: fd, listens: true, handler: h})
	return err
}

// takeOver moves a connection or listener from the Go runtime, which would watch it as well, to a file descriptor of ours.
func takeOver(c interface {
	syscall.Conn
	io.Closer
}) (fd int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	errControl := raw.Control(func(original uintptr) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if fd, err = syscall.Dup(int(original)); err == nil {
			syscall.CloseOnExec(fd)
		}
	})
	if err = errors.Join(err, errControl); err != nil {
		return 0, fmt.Errorf("dup: %w", err)
	}
	return fd, c.Close()
}

func (p *epoll) add(s *socket) (*socket, error) {
	const edge = 1 << 31 // syscall.EPOLLET is negative
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | edge, Fd: int32(s.fd)}
	if err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, s.fd, &event); err != nil {
		return nil, errors.Join(fmt.Errorf("epoll_ctl: %w", err), syscall.Close(s.fd))
	}
	for len(p.sockets) <= s.fd {
		p.sockets = append(p.sockets, nil)
	}
	p.sockets[s.fd] = s
	return s, nil
}

func (p *epoll) poll(timeout time.Duration) error {
	n, err := syscall.EpollWait(p.fd, p.events[:], int((max(timeout, 0)+time.Millisecond-1)/time.Millisecond))
	if err != nil && err != syscall.EINTR {
		return fmt.Errorf("epoll_wait: %w", err)
	}
	for _, event := range p.events[:max(n, 0)] {
		switch s := p.sockets[event.Fd]; {
		case s == nil: // closed by the handler of an earlier event
		case s.listens:
			err = s.accept()
		default:
			s.read(event.Events&^syscall.EPOLLIN != 0)
		}
		if err != nil && err != syscall.EINTR {
			return err
		}
	}
	return nil
}

func (p *epoll) close() {
	for _, s := range p.sockets {
		if s != nil {
			s.close()
		}
	}
	syscall.Close(p.fd)
}

func (s *socket) accept() error {
	for {
		fd, _, err := syscall.Accept4(s.fd, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		switch err {
		case nil:
			if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
				return fmt.Errorf("TCP_NODELAY: %w", err)
			}
			if _, err := s.poller.add(&socket{poller: s.poller, fd: fd, handler: s.handler}); err != nil {
				return err
			}
		case syscall.EAGAIN:
			return nil
		case syscall.EINTR, syscall.ECONNABORTED:
		default:
			return fmt.Errorf("accept: %w", err)
		}
	}
}

// read hands over what has arrived. A read that doesn't fill the buffer has emptied the socket, so epoll tells of what comes
// next; unless the other side has closed, which it does not tell twice.
func (s *socket) read(closing bool) {
	p := s.poller
	for {
		have := copy(p.buffer[:], s.unused)
		if have == len(p.buffer) {
			s.fail(errTooLong)
			return
		}
		n, err := syscall.Read(s.fd, p.buffer[have:])
		switch {
		case err == syscall.EAGAIN:
			return
		case err == syscall.EINTR:
			continue
		case err != nil:
			s.fail(fmt.Errorf("read: %w", err))
			return
		case n == 0:
			s.fail(io.EOF)
			return
		}
		data := p.buffer[:have+n]
		used, err := s.handler.received(s, data)
		if err != nil {
			s.fail(err)
			return
		}
		s.unused = append(s.unused[:0], data[used:]...)
		if s.fd < 0 || !closing && have+n < len(p.buffer) {
			return
		}
	}
}

func (s *socket) fail(err error) {
	s.close()
	s.handler.lost(s, err)
}

func (s *socket) send(b []byte) error {
	n, err := syscall.Write(s.fd, b)
	switch {
	case err != nil:
		return fmt.Errorf("write: %w", err)
	case n < len(b):
		return fmt.Errorf("write: %d of %d bytes: %w", n, len(b), io.ErrShortWrite)
	}
	return nil
}

func (s *socket) close() {
	if s.fd >= 0 {
		s.poller.sockets[s.fd] = nil
		syscall.Close(s.fd)
		s.fd = -1
	}
}

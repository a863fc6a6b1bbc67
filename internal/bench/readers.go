package bench

import (
	"errors"
	"net"
	"sync"
	"time"
)

// readers is the network where there is no epoll: a goroutine reads each connection and hands what it read to poll.
type readers struct {
	arrivals chan arrival
	closed   chan struct{}
	open     map[*stream]struct{}
	ends     []net.Listener
	running  sync.WaitGroup
}

// arrival is something for poll: bytes of a stream, its end, or a new connection.
type arrival struct {
	stream   *stream
	bytes    int
	err      error
	accepted *net.TCPConn
	handler  handler // of the accepted connection
}

// stream is a connection of readers. Its buffer belongs to its goroutine while that reads, and to poll otherwise.
type stream struct {
	network *readers
	conn    net.Conn
	handler handler
	buffer  []byte
	have    int
	goOn    chan struct{}
}

func newReaders() *readers {
	return &readers{arrivals: make(chan arrival, 1024), closed: make(chan struct{}), open: map[*stream]struct{}{}}
}

func (r *readers) adopt(c *net.TCPConn, h handler) (link, error) {
	s := &stream{network: r, conn: c, handler: h, buffer: make([]byte, 4<<10), goOn: make(chan struct{}, 1)}
	r.open[s] = struct{}{}
	r.running.Go(s.read)
	return s, nil
}

func (r *readers) accept(l *net.TCPListener, h handler) error {
	r.ends = append(r.ends, l)
	r.running.Go(func() {
		for {
			c, err := l.AcceptTCP()
			if errors.Is(err, net.ErrClosed) || !r.arrive(arrival{accepted: c, err: err, handler: h}) {
				return
			}
		}
	})
	return nil
}

// arrive gives an arrival to poll; false when there is nobody to take it any more.
func (r *readers) arrive(a arrival) bool {
	select {
	case r.arrivals <- a:
		return true
	case <-r.closed:
		return false
	}
}

func (s *stream) read() {
	for {
		n, err := s.conn.Read(s.buffer[s.have:])
		if !s.network.arrive(arrival{stream: s, bytes: n, err: err}) || err != nil {
			return
		}
		select {
		case <-s.goOn:
		case <-s.network.closed:
			return
		}
	}
}

func (r *readers) poll(timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case a := <-r.arrivals:
		if err := r.handle(a); err != nil {
			return err
		}
	case <-timer.C:
		return nil
	}
	for range len(r.arrivals) {
		if err := r.handle(<-r.arrivals); err != nil {
			return err
		}
	}
	return nil
}

func (r *readers) handle(a arrival) error {
	if a.stream != nil {
		a.stream.handle(a)
		return nil
	}
	if a.err != nil {
		return a.err
	}
	_, err := r.adopt(a.accepted, a.handler)
	return err
}

func (s *stream) handle(a arrival) {
	if _, open := s.network.open[s]; !open {
		return
	}
	s.have += a.bytes
	err := a.err
	if a.bytes > 0 {
		used, failed := s.handler.received(s, s.buffer[:s.have])
		if failed != nil {
			err = failed
		}
		s.have = copy(s.buffer, s.buffer[used:s.have])
	}
	if s.have == len(s.buffer) {
		if s.have >= bufferSize {
			err = errTooLong
		}
		s.buffer = append(s.buffer, make([]byte, s.have)...)
	}
	if err != nil {
		s.close()
		s.handler.lost(s, err)
		return
	}
	s.goOn <- struct{}{}
}

func (s *stream) send(b []byte) error {
	_, err := s.conn.Write(b)
	return err
}

func (s *stream) close() {
	delete(s.network.open, s)
	s.conn.Close()
}

func (r *readers) close() {
	close(r.closed)
	for s := range r.open {
		s.close()
	}
	for _, l := range r.ends {
		l.Close()
	}
	r.running.Wait()
	for range len(r.arrivals) {
		if a := <-r.arrivals; a.accepted != nil {
			a.accepted.Close()
		}
	}
}

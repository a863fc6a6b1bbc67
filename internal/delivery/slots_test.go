package delivery_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/delivery/post"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/kivukotest"
)

// host gives a collector's URL another address of this machine, so that it counts as another host.
func host(c *kivukotest.Collector, n int) string {
	return strings.Replace(c.URL, "127.0.0.1", fmt.Sprintf("127.0.%d.%d", n/250, n%250+1), 1)
}

// Hundreds of hosts that hang get no more than their part of the connections, and keep nobody else waiting for longer than their time-out.
func TestHostsThatHangLeaveConnectionsToOthers(t *testing.T) {
	const connections, hosts = 16, 300
	b := newBench(t, settings{options: func(o *delivery.Options) { o.Connections, o.Timeout = connections, 300*time.Millisecond }})
	hanging, well := collectEverywhere(t), kivukotest.Collect(t)
	hanging.Answer(hanging.Hang)
	want(t, b.over(t, b.owe(t, well.URL, "cancel")), mpesa.Delivered, answered(200))
	for n := range hosts {
		b.owe(t, host(hanging, n), "cancel")
	}
	for range connections / 2 {
		hanging.Next(t)
	}
	for range 20 { // at once, one after the other
		want(t, b.over(t, b.owe(t, well.URL, "cancel")), mpesa.Delivered, answered(200))
	}
	if left := b.sender.Backlog(); left < hosts/2 {
		t.Errorf("only %d of those that hang are still to be attempted: they were not in the way", left)
	}
}

func TestQueuesWithoutWorkAreForgotten(t *testing.T) {
	b, c := newBench(t, settings{options: func(o *delivery.Options) { o.Connections = 2 }, before: func(c *delivery.Sender) { c.Forget(time.Millisecond) }}), collectEverywhere(t)
	var all []mpesa.Delivery
	for n := range 50 {
		all = append(all, b.owe(t, host(c, n), "cancel"))
	}
	for _, d := range all {
		want(t, b.over(t, d), mpesa.Delivered, answered(200))
	}
	for start := time.Now(); b.sender.Queues() > 2; runtime.Gosched() {
		if time.Since(start) > 5*time.Second {
			t.Fatalf("%d queues are remembered", b.sender.Queues())
		}
	}
}

// collectEverywhere starts a collector that listens on all addresses of this machine.
func collectEverywhere(t *testing.T) *kivukotest.Collector {
	t.Helper()
	c := kivukotest.Collect(t)
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: c, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	c.URL = fmt.Sprintf("http://127.0.0.1:%d", listener.Addr().(*net.TCPAddr).Port)
	return c
}

func TestOwnShortageIsNoAttempt(t *testing.T) {
	var short atomic.Bool
	short.Store(true)
	b := newBench(t, settings{before: func(c *delivery.Sender) {
		known := resolver(t, map[string]net.IP{"shop.test": net.IPv4(127, 0, 0, 1)})
		c.Resolve(&net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if short.Load() {
				return nil, os.NewSyscallError("socket", syscall.EMFILE)
			}
			return known.Dial(ctx, network, address)
		}})
	}})
	c := kivukotest.Collect(t)
	d := b.owe(t, strings.Replace(c.URL, "127.0.0.1", "shop.test", 1), "cancel")
	for start := time.Now(); b.sender.Retries().Len() == 0; runtime.Gosched() {
		if time.Since(start) > 5*time.Second {
			t.Fatal("it is not put back")
		}
	}
	short.Store(false)
	b.Clock.Advance(time.Second)
	b.settle()
	want(t, b.over(t, d), mpesa.Delivered, answered(200))
}

func TestWhoseFaultAnErrorIs(t *testing.T) {
	dial := func(to string, errno error) error {
		at, err := net.ResolveTCPAddr("tcp", to)
		if err != nil {
			t.Fatal(err)
		}
		return &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: os.NewSyscallError("connect", errno)}
	}
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		if !post.Shortage(dial("192.0.2.1:80", errno)) {
			t.Errorf("%v counts as the merchant's fault", errno)
		}
	}
	for _, err := range []error{dial("192.0.2.1:80", syscall.ECONNREFUSED), dial("[::1]:80", syscall.EADDRNOTAVAIL), dial("0.0.0.0:0", syscall.EADDRNOTAVAIL),
		dial("192.0.2.1:80", syscall.ECONNRESET), &net.DNSError{Err: "no such host", IsNotFound: true}, os.ErrDeadlineExceeded, nil} {
		if post.Shortage(err) {
			t.Errorf("%v counts as our own fault", err)
		}
	}
}

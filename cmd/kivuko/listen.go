package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// listen receives callbacks and prints them, for trying things out.
type listen struct {
	Listen string `default:"127.0.0.1:8080" env:"KIVUKO_CALLBACKS" help:"Address to receive on; port 0 takes a free one."`
	Status int    `default:"200" help:"HTTP status to answer with."`
}

const maxCallback = 1 << 20 // bytes of a body that are printed

// Run prints every request until ctx ends.
func (l *listen) Run(ctx context.Context, out io.Writer) error {
	if l.Status < 200 || l.Status > 599 {
		return usageError{fmt.Errorf("--status %d: an HTTP status from 200 to 599", l.Status)}
	}
	listener, err := net.Listen("tcp", l.Listen)
	if err != nil {
		return usageError{err}
	}
	fmt.Fprintf(out, "receiving callbacks on http://%s\n", listener.Addr())
	var mu sync.Mutex
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, maxCallback))
		mu.Lock()
		fmt.Fprintf(out, "%s %s %s\n%s\n", time.Now().Format(time.TimeOnly), r.Method, plain(r.URL.RequestURI()), plainLines(string(body)))
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(l.Status)
		fmt.Fprintln(w, `{"ResultCode":0,"ResultDesc":"Accepted"}`)
	})}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

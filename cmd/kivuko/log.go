package main

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"sync"
	"time"
)

func newLog(w io.Writer, level string) log {
	var least slog.Level
	switch level {
	case "off":
		return log{slog.New(slog.DiscardHandler), func() {}}
	default:
		_ = least.UnmarshalText([]byte(level)) // one of the flag's values
	}
	lines := &gathered{w: bufio.NewWriterSize(w, 64<<10)}
	return log{slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{Level: least})), lines.flush}
}

// gathered writes lines at most a tenth of a second late: a write for each would cost as much as a payment's rules.
type gathered struct {
	mu      sync.Mutex
	w       *bufio.Writer
	pending bool
}

const logDelay = 100 * time.Millisecond

func (g *gathered) Write(line []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.pending {
		g.pending = true
		time.AfterFunc(logDelay, g.flush)
	}
	if bytes.IndexByte(line, '\x7f') >= 0 { // the one character that steers a terminal which slog's TextHandler doesn't quote
		if _, err := g.w.Write(bytes.ReplaceAll(line, []byte{'\x7f'}, []byte(`\x7f`))); err != nil {
			return 0, err
		}
		return len(line), nil
	}
	return g.w.Write(line)
}

func (g *gathered) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending = false
	g.w.Flush()
}

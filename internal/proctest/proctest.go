// Package proctest runs Kivuko as a process of its own, for tests that kill it.
package proctest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Patience is how long tests wait for what a process should do in a moment: the machine may be busy with the race detector.
const Patience = time.Minute

// Build compiles cmd/kivuko into a directory and gives the program's path.
func Build(dir string) (string, error) {
	program := filepath.Join(dir, "kivuko")
	cmd := exec.Command("go", "build", "-pgo=off", "-o", program, "github.com/kivuko/kivuko/cmd/kivuko")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building kivuko: %w\n%s", err, output)
	}
	return program, nil
}

// Process is a running program.
type Process struct {
	cmd    *exec.Cmd
	lines  chan string // of standard output
	stderr locked
	ended  chan struct{}
}

// Run starts a program. It is killed when the test ends.
func Run(tb testing.TB, cmd *exec.Cmd) *Process {
	tb.Helper()
	p := &Process{cmd: cmd, lines: make(chan string, 1000), ended: make(chan struct{})}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	cmd.Stderr = &p.stderr
	cmd.WaitDelay = time.Second
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go p.follow(stdout)
	tb.Cleanup(p.Kill)
	return p
}

func (p *Process) follow(stdout io.Reader) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		select {
		case p.lines <- lines.Text():
		default: // nobody reads this much
		}
	}
	close(p.lines)
	_ = p.cmd.Wait() // how it ended is in ProcessState
	close(p.ended)
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Line is the next line of standard output; ok is false when there is none.
func (p *Process) Line() (line string, ok bool) {
	select {
	case line, ok = <-p.lines:
		return line, ok
	case <-time.After(Patience):
		return "", false
	}
}

// Kill is kill -9. It returns when the process has gone; on one that has, it does nothing.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Wait waits for the end and gives the exit status.
func (p *Process) Wait(tb testing.TB) int {
	tb.Helper()
	select {
	case <-p.ended:
	case <-time.After(Patience):
		_ = p.Signal(syscall.SIGQUIT) // Go's runtime says where it hangs
		select {
		case <-p.ended:
		case <-time.After(5 * time.Second):
		}
		tb.Fatalf("the process has not ended within %s; standard error:\n%s", Patience, p.Stderr())
	}
	return p.cmd.ProcessState.ExitCode()
}

// Ended reports whether the process is no longer there.
func (p *Process) Ended() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Stderr is what the process has written to standard error.
func (p *Process) Stderr() string { return p.stderr.String() }

// Server is a process of `kivuko serve` that answers at URL.
type Server struct {
	*Process
	URL string
}

// Start runs a command that is a `kivuko serve`, and returns when it answers.
func Start(tb testing.TB, cmd *exec.Cmd) *Server {
	tb.Helper()
	s, err := Listening(Run(tb, cmd))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// ErrEnded says that a process ended before it answered.
var ErrEnded = errors.New("the process ended before it answered")

// Listening waits until a process of `kivuko serve` answers.
func Listening(p *Process) (*Server, error) {
	line, ok := p.Line()
	if !ok {
		p.Kill()
		return nil, fmt.Errorf("%w: %s; standard error:\n%s", ErrEnded, p.cmd.ProcessState, p.Stderr())
	}
	url, ok := strings.CutPrefix(line, "kivuko listening on ")
	if !ok {
		return nil, fmt.Errorf("the first line is %q", line)
	}
	return &Server{p, url}, nil
}

// Stop sends an interrupt as Ctrl-C does, and fails the test unless the process ends with status 0.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if err := s.Signal(os.Interrupt); err != nil {
		tb.Fatal(err)
	}
	if status := s.Wait(tb); status != 0 {
		tb.Fatalf("exit status %d after an interrupt; standard error:\n%s", status, s.Stderr())
	}
}

// Soon waits until a condition holds that a rule brings about at once: 5 seconds on a machine at rest, so that a broken rule fails a test
// soon. Looks are counted, and not seconds: on a busy machine each takes longer, as does what is waited for.
func Soon(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	const looks, apart = 1000, 5 * time.Millisecond
	tick := time.NewTicker(apart)
	defer tick.Stop()
	for range looks {
		if holds() {
			return
		}
		<-tick.C
	}
	tb.Fatalf("looked %d times in vain for %s", looks, what)
}

// Await waits until a condition holds that takes its time, such as until a process works again or has worked through all that waited, and fails the test when it doesn't within Patience.
func Await(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	deadline := time.Now().Add(Patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			tb.Fatalf("waited %s in vain for %s", Patience, what)
		}
		<-tick.C
	}
}

// locked is a buffer that a process writes while a test reads.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

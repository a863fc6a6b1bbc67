package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	startTimeout = time.Minute      // a store that was killed may have work to do before it answers
	stopTimeout  = 30 * time.Second // from SIGTERM to the end of the process
	greeting     = "kivuko listening on "
)

// server is a Kivuko in a process of its own.
type server struct {
	command *exec.Cmd
	url     string
	started time.Duration // from exec to the first answered request
	log     *os.File
	ended   chan error // of the process
}

// startServer runs a program's serve with a database and waits until it answers. What the server logs goes to the file log.
func startServer(ctx context.Context, program, db, log string, answerAfter time.Duration, more []string) (*server, error) {
	s := &server{ended: make(chan error, 1)}
	var err error
	if s.log, err = os.Create(log); err != nil {
		return nil, err
	}
	arguments := []string{"serve", "--listen", "127.0.0.1:0", "--db", db, "--phones", "approve", "--answer-after", answerAfter.String(),
		"--result-after", "0s", "--profile", "sandbox"}
	s.command = exec.Command(program, append(arguments, more...)...)
	s.command.Stderr = s.log
	s.command.SysProcAttr = ownGroup()
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, s.log.Close())
	}
	start := time.Now()
	if err := s.command.Start(); err != nil {
		return nil, errors.Join(err, s.log.Close())
	}
	listening := make(chan string, 1)
	go s.watch(stdout, listening)
	if err := s.await(ctx, listening, start); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// watch reads the server's output to its end, and then waits for the process.
func (s *server) watch(stdout io.Reader, listening chan<- string) {
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	listening <- strings.TrimSpace(line)
	if err == nil {
		_, _ = io.Copy(s.log, lines) // the server goes on whether its words are kept or not
	}
	s.ended <- s.command.Wait()
}

// await waits until the server says where it listens and has answered a request.
func (s *server) await(ctx context.Context, listening <-chan string, start time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case line := <-listening:
		url, ok := strings.CutPrefix(line, greeting)
		if !ok {
			return fmt.Errorf("the server didn't start: it said %q%s", line, s.lastWords())
		}
		s.url = strings.TrimSuffix(url, "/")
	case <-ctx.Done():
		return fmt.Errorf("the server didn't start: %w%s", ctx.Err(), s.lastWords())
	}
	if err := healthy(ctx, s.url); err != nil {
		return fmt.Errorf("the server started and isn't well: %w%s", err, s.lastWords())
	}
	s.started = time.Since(start)
	return nil
}

// healthy asks a server for its health.
func healthy(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/kivuko/v1/health", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return fmt.Errorf("%s: %s", answer.Status, body)
	}
	return nil
}

// stop ends the server as a service manager would, and waits for it.
func (s *server) stop() error {
	defer s.log.Close()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		_ = s.command.Process.Kill() // Windows knows no SIGTERM
	}
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("the server ended: %w%s", err, s.lastWords())
		}
		return nil
	case <-time.After(stopTimeout):
		_ = s.command.Process.Kill()
		<-s.ended
		return fmt.Errorf("the server didn't stop within %s of SIGTERM%s", stopTimeout, s.lastWords())
	}
}

// pid is the process id of the server, 0 for one that is not ours.
func (s *server) pid() int {
	if s == nil {
		return 0
	}
	return s.command.Process.Pid
}

// lastWords is the end of what the server logged, for a message about its failure.
func (s *server) lastWords() string {
	const enough = 1000
	log, err := os.Open(s.log.Name())
	if err != nil {
		return ""
	}
	defer log.Close()
	if size, err := log.Seek(0, io.SeekEnd); err == nil {
		_, _ = log.Seek(max(size-enough, 0), io.SeekStart)
	}
	words, _ := io.ReadAll(io.LimitReader(log, enough))
	if len(words) == 0 {
		return ""
	}
	return "\nits log ends:\n" + strings.TrimSpace(string(words))
}

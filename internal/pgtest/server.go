package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// ErrMissing says that this machine has no PostgreSQL server, and what to install.
var ErrMissing = errors.New("PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql/*/bin); on Debian: apt-get install postgresql")

const (
	superuser = "postgres"
	// port only names the socket file: the server does not listen on TCP.
	port = "5432"
	// maxSocketDir is what sockaddr_un leaves for the directory: 104 bytes on the BSDs and macOS (108 on Linux) with
	// "/.s.PGSQL.5432" and the closing zero.
	maxSocketDir = 104 - len("/.s.PGSQL."+port) - 1
)

// supervisor makes the cluster, starts it, says "ready" or "failed", and removes everything when its standard input ends.
// That is Stop closing the pipe or the kernel closing it for a process that died in whatever way, so nothing stays behind.
// It catches PIPE because its word may find nobody listening any more. It stops the server with QUIT, without a checkpoint
// (PostgreSQL's "immediate"), and waits for it: a container's first process often reaps no orphans.
const supervisor = `
bin=$1 dir=$2 conf=$3 server=
trap : PIPE TERM
ready() { "$bin/pg_isready" --quiet --host="$dir" --port=` + port + `; }
exec 3<&0 </dev/null 2>"$dir/log"
if "$bin/initdb" --pgdata="$dir/data" --username=` + superuser + ` --auth=trust --no-locale --encoding=UTF8 --no-sync >&2 &&
	printf '%s\n' "$conf" >>"$dir/data/postgresql.conf"
then
	"$bin/postgres" -D "$dir/data" 3<&- >&2 &
	server=$!
	until ready; do
		kill -0 "$server" || break
		sleep 0.02
	done
fi
if ready; then echo ready; else echo failed; fi
read -r _ <&3
if [ "$server" ]; then
	kill -QUIT "$server"
	wait "$server"
fi
exec rm -rf "$dir"
`

// Options say how a server differs from the quickest possible one.
type Options struct {
	// Durable keeps fsync and full_page_writes on, as PostgreSQL has them by default: for crash tests and measurements.
	Durable bool
	// Settings are further lines of postgresql.conf, such as "max_connections": "20". They win over pgtest's own.
	Settings map[string]string
}

func (o Options) conf(dir string) string {
	lines := []string{
		"listen_addresses = ''",
		"unix_socket_directories = " + quote(dir),
		"port = " + port,
		"shared_buffers = '32MB'",
		"max_connections = 200", // parallel tests, each with the pools of several nodes
	}
	if !o.Durable {
		lines = append(lines, "fsync = off", "full_page_writes = off")
	}
	for name, value := range o.Settings {
		lines = append(lines, name+" = "+quote(value))
	}
	return strings.Join(lines, "\n")
}

func quote(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// Server is a running PostgreSQL that lives in a temporary directory and listens on a Unix socket there.
type Server struct {
	bin, dir  string
	stop      func() error
	databases atomic.Int64 // named so far, by Database
}

// Run starts a server and returns once it accepts connections. ctx bounds the start only; the server lives until Stop or until
// this process ends. The error is ErrMissing when PostgreSQL is not installed.
func Run(ctx context.Context, options Options) (*Server, error) {
	bin, err := programs(os.Getenv("PATH"), "/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil, err
	}
	dir, attributes, err := home()
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	cmd := exec.Command("/bin/sh", "-c", supervisor, "pgtest", bin, dir, options.conf(dir))
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, environment(), attributes
	s, answer, err := launch(cmd, bin, dir)
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", errors.Join(err, os.RemoveAll(dir)))
	}
	select {
	case word := <-answer:
		if word == "ready" {
			return s, nil
		}
		err = errors.New(s.Log())
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, fmt.Errorf("starting PostgreSQL: %w", errors.Join(err, s.Stop()))
}

// launch starts the supervisor, which from then on owns the directory, and hands back where its one word will arrive.
func launch(cmd *exec.Cmd, bin, dir string) (*Server, <-chan string, error) {
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(output).ReadString('\n') // a supervisor that dies early gives "", which is not "ready"
		answer <- strings.TrimSpace(line)
	}()
	stop := sync.OnceValue(func() error {
		return errors.Join(lifeline.Close(), cmd.Wait())
	})
	return &Server{bin: bin, dir: dir, stop: stop}, answer, nil
}

// Log is what initdb and the server had to say.
func (s *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

// Stop ends the server at once, connected clients or not, and removes its directory. Further calls give the same answer.
func (s *Server) Stop() error { return s.stop() }

// Create makes an empty database and gives its URL. The name must be free.
func (s *Server) Create(ctx context.Context, name string) (string, error) {
	if _, err := s.client(ctx, "createdb", "--template=template0", name); err != nil {
		return "", err
	}
	return s.URL(name), nil
}

// Drop removes a database, disconnecting its users.
func (s *Server) Drop(ctx context.Context, name string) error {
	_, err := s.client(ctx, "dropdb", "--force", name)
	return err
}

// URL addresses a database of this server in the form that pgx and libpq both read.
func (s *Server) URL(name string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + name}
	u.RawQuery = url.Values{"host": {s.dir}, "port": {port}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// client runs one of PostgreSQL's client programs against this server and gives its output.
func (s *Server) client(ctx context.Context, program string, args ...string) (string, error) {
	args = append([]string{"--host=" + s.dir, "--port=" + port, "--username=" + superuser}, args...)
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	cmd.Env = environment()
	output, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(output))
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", program, errors.Join(ctx.Err(), err), text)
	}
	return text, nil
}

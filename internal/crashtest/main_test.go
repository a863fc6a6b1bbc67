// Package crashtest kills Kivuko at random moments under load and then reads its books.
//
// KIVUKO_CRASH_ROUNDS says how often (default 4 a test); KIVUKO_CRASH_SEED repeats the chances of an earlier run, as far as
// machines repeat.
package crashtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/proctest"
)

var program string // the built kivuko

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "kivuko-crashtest-")
	if err == nil {
		defer os.RemoveAll(dir)
		program, err = proctest.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// serve is the command that runs a node on a database. Phones take a moment, so that a crash finds prompts open; merchants are
// given less time than usual, so that another node soon takes over what a dead one was about to deliver.
func serve(db string, flags ...string) *exec.Cmd {
	args := append([]string{"serve", "--listen=127.0.0.1:0", "--db=" + db, "--log=off", "--answer-after=20ms", "--callback-timeout=2s"}, flags...)
	return exec.Command(program, args...)
}

func rounds(t *testing.T) int {
	t.Helper()
	return int(number(t, "KIVUKO_CRASH_ROUNDS", 4))
}

// chance is a source of randomness whose seed the test's log shows.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(number(t, "KIVUKO_CRASH_SEED", time.Now().UnixNano()))
	t.Logf("KIVUKO_CRASH_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func number(t *testing.T, variable string, otherwise int64) int64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

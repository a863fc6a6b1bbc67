package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Freeze stops every process of the server where it stands, as a machine that is suspended does: its connections stay open. thaw has it go on,
// at the end of the test at the latest.
func (s *Server) Freeze(tb testing.TB) (thaw func()) {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		tb.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(line)
	if err != nil {
		tb.Fatal(err)
	}
	processes := append([]int{postmaster}, children(tb, postmaster)...)
	signal := func(sig syscall.Signal) {
		for _, pid := range processes {
			_ = syscall.Kill(pid, sig) // one that has gone is no obstacle
		}
	}
	signal(syscall.SIGSTOP)
	thaw = sync.OnceFunc(func() { signal(syscall.SIGCONT) })
	tb.Cleanup(thaw)
	return thaw
}

// children are the processes that a process has started.
func children(tb testing.TB, parent int) (list []int) {
	tb.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		tb.Fatal(err)
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		var pid, ppid int
		var state string
		_, after, _ := strings.Cut(string(text), ") ") // after the name of the program, which may have anything in it
		if _, err := fmt.Sscan(after, &state, &ppid); err != nil || ppid != parent {
			continue
		}
		if pid, err = strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			list = append(list, pid)
		}
	}
	return list
}

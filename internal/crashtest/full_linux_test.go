package crashtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/proctest"
)

// A disk of 40 MB that only the process sees: it mounts it in a namespace of its own, which ends with it. The log of a SQLite database
// alone grows to 16 MB before it is used again.
const (
	diskSize  = "40m"
	onOwnDisk = `mount -t tmpfs -o size=` + diskSize + ` kivuko "$1" && shift && exec "$@"`
)

// onDisk is a command that runs with a small disk mounted on a directory.
func onDisk(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", append([]string{"-c", onOwnDisk, "sh", dir}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
		}
	}
	return cmd
}

func TestFullDiskRefusesNewWorkAndLosesNothing(t *testing.T) {
	dir := t.TempDir()
	if output, err := onDisk(dir, "true").CombinedOutput(); err != nil {
		t.Skipf("this machine lets tests mount no disk of their own: %v %s", err, output)
	}
	dice := chance(t)
	db := filepath.Join(dir, "kivuko.db")
	s := proctest.Start(t, onDisk(dir, serve(db).Args...))
	disk := fmt.Sprintf("/proc/%d/root%s", s.PID(), dir) // as the process sees it
	m, d, api := newMerchant(t), newDoor(t), control.New(s.URL)
	d.leads(s.URL)

	load := m.startLoad(t, d, dice.Uint64())
	load.goesOnFor(50 + dice.Int64N(300))
	fill(t, filepath.Join(disk, "ballast"))
	proctest.Await(t, "a refusal for want of space", func() bool { return m.refusals("500.003.02") > clients })
	load.stop()

	for n := range 5 {
		refused, err := m.push(t.Context(), d, m.newRequest(customer(customers+n), 0, 1000))
		if err != nil || refused == nil || refused.HTTPStatus != 500 || refused.Code != "500.003.02" || refused.Message != "System is busy. Please try again in few minutes." {
			t.Errorf("with a full disk: %v, %v", refused, err)
		}
	}
	if _, err := api.Health(t.Context()); !unhealthy(err, "writes") {
		t.Errorf("health with a full disk: %v", err)
	}
	if books, err := api.Books(t.Context()); err != nil || !books.Balanced() {
		t.Errorf("books with a full disk: %+v, %v", books, err)
	}

	if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
		t.Fatal(err)
	}
	var last string
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the last request got %s", last)
		}
	})
	proctest.Await(t, "the first acknowledgement after there is space again", func() bool {
		refused, err := m.push(t.Context(), d, m.newRequest(customer(customers), 0, 1001))
		last = fmt.Sprint(refused, err)
		return refused == nil && err == nil
	})
	proctest.Await(t, "the callbacks of all acknowledged requests", func() bool { return m.unanswered() == 0 })
	proctest.Await(t, "the end of what nobody heard of", func() bool {
		books, err := api.Books(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pending, err := api.Callbacks(t.Context(), control.CallbackFilter{State: "pending", Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		return books.Open == 0 && len(pending.Items) == 0
	})
	if _, err := api.Health(t.Context()); err != nil {
		t.Errorf("health with space again: %v", err)
	}
	m.checkQueries(t, d, m.outcomes(t))

	kept := t.TempDir() // the disk ends with the process
	for _, name := range []string{"kivuko.db", "kivuko.db-wal"} {
		copyFile(t, filepath.Join(disk, name), filepath.Join(kept, name))
	}
	s.Stop(t)
	m.audit(t, open(t, filepath.Join(kept, "kivuko.db")))
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 64<<10); ; {
		switch _, err := f.Write(block); {
		case errors.Is(err, syscall.ENOSPC) && len(block) > 1:
			block = block[:len(block)/2]
		case errors.Is(err, syscall.ENOSPC):
			return
		case err != nil:
			t.Fatal(err)
		}
	}
}

func unhealthy(err error, check string) bool {
	problem, ok := errors.AsType[*control.Problem](err)
	return ok && strings.Contains(problem.Detail, check)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

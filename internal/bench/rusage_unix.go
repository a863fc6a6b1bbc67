//go:build unix

package bench

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// ownCPU is the user and system time that this process has used.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// endedPeak is the most memory that a process that has ended had resident, in bytes; 0 when that can't be told.
func endedPeak(s *os.ProcessState) int64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin":
		return int64(u.Maxrss)
	default:
		return int64(u.Maxrss) << 10
	}
}

// ownGroup keeps a Ctrl-C at the terminal from the server, so that bench can stop it when it is done with it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

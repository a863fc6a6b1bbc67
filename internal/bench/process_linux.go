package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// processCPU is the user and system time that a running process has used, to 10 ms; ok is false when that can't be told.
func processCPU(pid int) (cpu time.Duration, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	return parseStat(stat)
}

// parseStat reads utime and stime, fields 14 and 15 of proc_pid_stat(5). Field 2 is a name that may contain anything.
func parseStat(stat []byte) (cpu time.Duration, ok bool) {
	const tick = 10 * time.Millisecond // Linux shows all programs 100 ticks a second
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, false
	}
	user, errUser := strconv.ParseInt(string(fields[11]), 10, 64)
	system, errSystem := strconv.ParseInt(string(fields[12]), 10, 64)
	return time.Duration(user+system) * tick, errUser == nil && errSystem == nil
}

// processPeak is the most memory that a running process has had resident, in bytes. (The rusage of a child that has ended would
// count what its parent had when it forked.)
func processPeak(pid int) (peak int64, ok bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	return parsePeak(status)
}

// parsePeak reads VmHWM of proc_pid_status(5).
func parsePeak(status []byte) (peak int64, ok bool) {
	_, rest, found := bytes.Cut(status, []byte("\nVmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte(" kB"))
	kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	return kilobytes << 10, found && err == nil
}

package bench

import (
	"os"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	stat := "4711 (a (strange) name) S 1 4711 4711 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 1 1 1 1"
	if cpu, ok := parseStat([]byte(stat)); !ok || cpu != 3*time.Second {
		t.Error(cpu, ok)
	}
	for _, stat := range []string{"", "1 (x) S 1", "1 (x) S 1 2 3 4 5 6 7 8 9 10 x y 13"} {
		if _, ok := parseStat([]byte(stat)); ok {
			t.Errorf("read %q", stat)
		}
	}
}

func TestParsePeak(t *testing.T) {
	if peak, ok := parsePeak([]byte("Name:\tkivuko\nVmPeak:\t 9 kB\nVmHWM:\t  123456 kB\nVmRSS:\t 1 kB\n")); !ok || peak != 123456<<10 {
		t.Error(peak, ok)
	}
	if _, ok := parsePeak([]byte("Name:\tkivuko\n")); ok {
		t.Error("read a peak where there is none")
	}
}

func TestProcess(t *testing.T) {
	peak, ok := processPeak(os.Getpid())
	if !ok || peak < 1<<20 {
		t.Error(peak, ok)
	}
	if _, ok := processCPU(os.Getpid()); !ok {
		t.Error("this process's CPU can't be told")
	}
	if _, ok := processCPU(0); ok {
		t.Error("CPU of no process")
	}
	if ownCPU() <= 0 {
		t.Error("this process has used no CPU")
	}
}

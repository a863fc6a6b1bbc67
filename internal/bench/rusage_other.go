//go:build !unix

package bench

import (
	"os"
	"syscall"
	"time"
)

func ownCPU() time.Duration { return 0 }

func endedPeak(*os.ProcessState) int64 { return 0 }

func ownGroup() *syscall.SysProcAttr { return nil }

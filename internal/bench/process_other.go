//go:build !linux

package bench

import "time"

func processCPU(int) (cpu time.Duration, ok bool) { return 0, false }

func processPeak(int) (peak int64, ok bool) { return 0, false }

package bench

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets that are at most 1/64 wide of their value, so that a quantile is never more than 1.6 %
// too high. Recording is a shift and an addition. The zero value is empty.
type histogram struct {
	counts [buckets]uint32
	total  uint64
	most   time.Duration
}

const (
	significant = 7 // bits of a duration in nanoseconds that choose its bucket
	longest     = 42
	buckets     = (longest - significant + 2) << (significant - 1)
)

// record counts a duration. Those above 73 minutes count as 73 minutes.
func (h *histogram) record(d time.Duration) {
	h.counts[bucket(d)]++
	h.total++
	h.most = max(h.most, d)
}

func bucket(d time.Duration) int {
	v := min(uint64(max(d, 0)), 1<<longest-1)
	shift := max(bits.Len64(v)-significant, 0)
	return shift<<(significant-1) + int(v>>shift)
}

// top is the longest duration of a bucket.
func top(bucket int) time.Duration {
	shift := max(bucket>>(significant-1)-1, 0)
	first := bucket - shift<<(significant-1)
	return time.Duration((first+1)<<shift - 1)
}

// quantile is the duration that a share q of the recorded ones does not exceed; 0 when none was recorded.
func (h *histogram) quantile(q float64) time.Duration {
	rank := max(uint64(q*float64(h.total)+0.5), 1)
	seen := uint64(0)
	for b, n := range h.counts {
		if seen += uint64(n); n > 0 && seen >= rank {
			return min(top(b), h.most)
		}
	}
	return h.most
}

// add counts what another histogram has counted.
func (h *histogram) add(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.most = max(h.most, other.most)
}

package kivuko

import (
	"context"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/internal/due"
)

const clockSetting = "clock offset" // nanoseconds that the clock runs ahead of the system's

// step is how far the clock is moved at a time when something falls due on the way: prompts are answered in the order in which
// they were asked, and none outlives its time because the clock jumped over it.
const step = time.Second

// Advance moves the clock forward and returns when everything that fell due on the way has happened. Each step is stored before
// it is made: after a crash the clock never shows an earlier time than what happened before.
func (k *Kivuko) Advance(ctx context.Context, by time.Duration) (now time.Time, err error) {
	k.moving.Lock()
	defer k.moving.Unlock()
	if err := k.readClock(ctx); err != nil { // another node may have moved it just now
		return k.clock.Now(), err
	}
	target := k.clock.Offset() + by
	for k.clock.Offset() < target && ctx.Err() == nil {
		jump := target - k.clock.Offset()
		if next, ok := earliest(k.desk.Waiting(), k.couriers.Later()); ok {
			ahead := time.UnixMilli(next).Sub(k.clock.Now())
			jump = min(jump, max(ahead, step))
		}
		offset := k.clock.Offset() + jump
		if err := k.store.PutSetting(ctx, clockSetting, strconv.FormatInt(int64(offset), 10)); err != nil {
			return k.clock.Now(), err
		}
		k.clock.SetOffset(offset)
		k.desk.Waiting().Settle()
		k.couriers.Later().Settle()
	}
	return k.clock.Now(), ctx.Err()
}

func earliest(queues ...due.Waiting) (at int64, ok bool) {
	for _, q := range queues {
		if next, waiting := q.Next(); waiting && (!ok || next < at) {
			at, ok = next, true
		}
	}
	return at, ok
}

func (k *Kivuko) readClock(ctx context.Context) error {
	text, err := k.store.Setting(ctx, clockSetting)
	if err != nil || text == "" {
		return err
	}
	offset, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		k.clock.SetOffset(time.Duration(offset))
	}
	return err
}

// followClock moves the clock as other nodes on the database have moved theirs.
func (k *Kivuko) followClock(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			before := k.clock.Offset()
			if err := k.readClock(ctx); err != nil && ctx.Err() == nil {
				k.config.Log.Warn("cannot read the shared clock", "error", err)
			}
			if k.clock.Offset() != before {
				k.desk.Waiting().Settle()
				k.couriers.Later().Settle()
			}
		}
	}
}

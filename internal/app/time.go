package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kivuko/kivuko/internal/due"
	"github.com/kivuko/kivuko/internal/store"
)

// step is how far the clock is moved at a time when something falls due on the way: prompts are answered in the order in which
// they were asked, and none outlives its time because the clock jumped over it.
const step = time.Second

// Advance moves the clock forward and returns when everything that fell due on the way has happened. Each step is stored before
// it is made: after a crash the clock never shows an earlier time than what happened before.
func (k *App) Advance(ctx context.Context, by time.Duration) (now time.Time, err error) {
	k.moving.Lock()
	defer k.moving.Unlock()
	if err := k.readClock(ctx); err != nil { // another node may have moved it just now
		return k.clock.Now(), err
	}
	target := k.clock.Offset() + by
	for k.clock.Offset() < target && ctx.Err() == nil {
		jump := target - k.clock.Offset()
		if next, ok := earliest(k.waiting.Queue(), k.sender.Retries()); ok {
			ahead := time.UnixMilli(next).Sub(k.clock.Now())
			jump = min(jump, max(ahead, step))
		}
		offset := k.clock.Offset() + jump
		if err := k.store.PutSetting(ctx, store.ClockSetting, strconv.FormatInt(int64(offset), 10)); err != nil {
			return k.clock.Now(), err
		}
		k.clock.SetOffset(offset)
		k.waiting.Queue().Settle()
		k.sender.Retries().Settle()
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

func (k *App) readClock(ctx context.Context) error {
	if k.store.Shared() {
		c, err := k.store.Common(ctx)
		if err == nil {
			k.heed(c)
		}
		return err
	}
	text, err := k.store.Setting(ctx, store.ClockSetting)
	if err != nil || text == "" {
		return err
	}
	offset, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		k.clock.SetOffset(time.Duration(offset))
	}
	return err
}

const (
	mostSkew   = 10 * time.Second // between this machine's clock and the database's, with which a node still starts
	healthSkew = time.Second      // with which it is still well
)

// setClock sets the clock as the database has it. It refuses to on a machine whose clock is far from the database's: nodes share one day, and
// its limits.
func (k *App) setClock(ctx context.Context) error {
	if err := k.readClock(ctx); err != nil {
		return err
	}
	if skew := time.Duration(k.skew.Load()); skew.Abs() > mostSkew {
		return fmt.Errorf("this machine's clock is %s; the clocks of all nodes and of the database may differ by %s at most: set it, for example by NTP, and start again",
			ofDatabase(skew), mostSkew)
	}
	return nil
}

// ofDatabase says how a clock differs from the database's.
func ofDatabase(skew time.Duration) string {
	if skew < 0 {
		return (-skew).Round(time.Millisecond).String() + " behind the database's"
	}
	return skew.Round(time.Millisecond).String() + " ahead of the database's"
}

// heed takes over what other nodes have done to the clock. Every unit of work hears of it before it decides anything.
func (k *App) heed(c store.Common) {
	before := time.Duration(k.skew.Swap(int64(c.Skew)))
	if c.Skew.Abs() > healthSkew && before.Abs() <= healthSkew {
		k.config.Log.Warn("this machine's clock differs from the database's", "clock", ofDatabase(c.Skew))
	}
	if c.Ahead > k.clock.Offset() {
		k.clock.SetOffset(c.Ahead)
		select {
		case k.moved <- struct{}{}:
		default:
		}
	}
}

// followClock moves the clock as other nodes on the database have moved theirs, and has happen what falls due by it.
func (k *App) followClock(ctx context.Context) {
	if !k.store.Shared() {
		return
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.moved:
			k.waiting.Queue().Settle()
			k.sender.Retries().Settle()
		case <-ticker.C:
			if err := k.readClock(ctx); err != nil && ctx.Err() == nil {
				k.config.Log.Warn("cannot read the shared clock", "error", err)
			}
		}
	}
}

package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
)

// Password is the one that Kivuko was started with. Guesses are slowed down, and so is the right password where it comes from the address
// of those who guess: it waits for its turn, and isn't refused for what others sent. A nil *Password is none.
type Password struct {
	digest [sha256.Size]byte
	most   int // guesses that wait at a time

	mu        sync.Mutex
	from      map[netip.Prefix]source
	strangers line // all guesses from where nobody has given the right password yet
	waiting   int  // guesses, for their turn
}

// source is where passwords come from.
type source struct {
	line
	familiar bool // the right password came from there
}

// line is when the next turn is. The zero line is free.
type line struct{ next time.Time }

// wait is how long it is until the next turn, where each is a pause after the one before, but for the first few. It is negative when some
// of those are left.
func (l line) wait(now time.Time, pause time.Duration, free int) time.Duration {
	return later(l.next, now).Sub(now) - time.Duration(free-1)*pause
}

func (l *line) take(now time.Time, pause time.Duration) { l.next = later(l.next, now).Add(pause) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Every wrong password takes a turn; a right one gives it back, so that programs which send it with every request don't wait. An address
// so has 43,200 guesses a day, and all strangers together 1.7 million, at passwords that Weak lets pass.
const (
	guessPause    = 2 * time.Second
	freeGuesses   = 10
	strangerPause = 50 * time.Millisecond
	freeStrangers = 100
	longestWait   = 20 * time.Second // for a turn; what would wait longer is refused
	maxWaiting    = 256              // guesses at a time, where there are connections enough
	maxSources    = 10_000           // that are remembered
)

// ErrWrong says that a password is wrong.
var ErrWrong = errors.New("the password is wrong")

// LockedError says that none is taken from an address for now: too many wait for their turn.
type LockedError struct{ Until time.Time }

// Error tells until when, in East Africa Time.
func (e *LockedError) Error() string {
	return fmt.Sprintf("too many wrong passwords were sent: try again at %s", e.Until.In(clock.EAT).Format("15:04:05"))
}

// NewPassword keeps a password; "" is none. Whether it is a good one is for Weak to say.
func NewPassword(text string) *Password {
	if text == "" {
		return nil
	}
	return &Password{digest: sha256.Sum256([]byte(text)), most: maxWaiting, from: map[netip.Prefix]source{}}
}

// Within lets guesses that wait take a quarter of so many connections at most: a request that is worked on keeps its connection, so that more would
// keep everybody out. It returns p, and is called before the first Try.
func (p *Password) Within(connections int) *Password {
	if p != nil {
		p.most = min(maxWaiting, max(connections/4, 1))
	}
	return p
}

// Try reports whether a password is right: nil, ErrWrong, a *LockedError, or why ctx ended. from is the address that it comes from. It takes
// longestWait at most.
func (p *Password) Try(ctx context.Context, from netip.Addr, text string) error {
	given := sha256.Sum256([]byte(text))
	right := subtle.ConstantTimeCompare(p.digest[:], given[:]) == 1
	network := networkOf(from)
	wait, err := p.take(network, right)
	if err != nil {
		return err
	}
	if wait > 0 {
		if err := p.await(ctx, wait); err != nil {
			return err
		}
		if right {
			p.giveBack(network)
		}
	}
	if !right {
		return ErrWrong
	}
	return nil
}

// take takes the next turn of a source, and tells how long it is until then. A right password takes none where there is one at once.
func (p *Password) take(from netip.Prefix, right bool) (wait time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	s := p.from[from]
	wait = s.wait(now, guessPause, freeGuesses)
	if !s.familiar {
		wait = max(wait, p.strangers.wait(now, strangerPause, freeStrangers))
	}
	switch {
	case wait > longestWait:
		return 0, &LockedError{now.Add(wait - longestWait)}
	case wait > 0 && p.waiting >= p.most:
		return 0, &LockedError{now.Add(guessPause)}
	case wait > 0:
		p.waiting++
	case right:
		s.familiar = true
		p.remember(from, s, now)
		return 0, nil
	}
	if !s.familiar {
		p.strangers.take(now, strangerPause)
	}
	s.take(now, guessPause)
	p.remember(from, s, now)
	return wait, nil
}

// await waits for a turn that was taken.
func (p *Password) await(ctx context.Context, wait time.Duration) error {
	turn := time.NewTimer(wait)
	defer turn.Stop()
	defer func() {
		p.mu.Lock()
		p.waiting--
		p.mu.Unlock()
	}()
	select {
	case <-turn.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// giveBack gives the turn of a right password back.
func (p *Password) giveBack(from netip.Prefix) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.from[from]
	if !s.familiar {
		p.strangers.next = p.strangers.next.Add(-strangerPause)
	}
	s.next, s.familiar = s.next.Add(-guessPause), true
	p.remember(from, s, time.Now())
}

// remember keeps a source. When there are too many, those go that have all their turns again, or else whichever come first.
func (p *Password) remember(from netip.Prefix, s source, now time.Time) {
	if _, known := p.from[from]; !known && len(p.from) >= maxSources {
		for other, o := range p.from {
			if o.next.Before(now) {
				delete(p.from, other)
			}
		}
		for other := range p.from {
			if len(p.from) < maxSources {
				break
			}
			delete(p.from, other)
		}
	}
	p.from[from] = s
}

// networkOf is whose guesses are counted together: an IPv4 address, or the network of an IPv6 address, which has too many.
func networkOf(client netip.Addr) netip.Prefix {
	bits := client.BitLen()
	if client.Is6() {
		bits = 64
	}
	network, err := client.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

package gate

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/credential"
)

// Password is the one that Kivuko was started with. It is kept as a hash of argon2id; whoever guesses has to wait, longer each time.
// A nil *Password is none.
type Password struct {
	hash string
	once sync.Mutex // held while a guess is hashed, which takes memory

	mu    sync.Mutex
	right [sha256.Size]byte // digest of the password, once somebody knew it: programs give it with every request
	tries map[netip.Prefix]tries
}

// tries are the wrong passwords in a row from an address.
type tries struct {
	wrong int
	until time.Time // no other is taken before then
	last  time.Time
}

// ErrWrong says that a password is wrong.
var ErrWrong = errors.New("the password is wrong")

// LockedError says that none is taken from an address for now.
type LockedError struct{ Until time.Time }

// Error tells until when, in East Africa Time.
func (e *LockedError) Error() string {
	return fmt.Sprintf("after several wrong passwords none is taken until %s", e.Until.In(clock.EAT).Format("15:04:05"))
}

const (
	freeTries    = 5               // wrong passwords that cost nothing
	firstPause   = 2 * time.Second // after one more; it doubles with each
	longestPause = 5 * time.Minute
	memory       = time.Hour // after which wrong passwords are forgotten
	maxAddresses = 10_000    // that are remembered
)

// NewPassword keeps a password; "" is none.
func NewPassword(text string) (*Password, error) {
	if text == "" {
		return nil, nil
	}
	hash, err := credential.Hash(digested(text))
	if err != nil {
		return nil, err
	}
	return &Password{hash: hash, tries: map[netip.Prefix]tries{}}, nil
}

// digested gives a text of any length one that can be hashed.
func digested(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Try tells whether a password is right: nil, ErrWrong or a *LockedError. from is whose tries are counted, see Address.
func (p *Password) Try(from netip.Prefix, text string) error {
	if err := p.locked(from); err != nil {
		return err
	}
	if p.known(from, text) {
		return nil
	}
	p.once.Lock()
	defer p.once.Unlock()
	if err := p.locked(from); err != nil { // others from there guessed meanwhile
		return err
	}
	ok, err := credential.Verify(digested(text), p.hash)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok {
		p.right = sha256.Sum256([]byte(text))
		delete(p.tries, from)
		return nil
	}
	p.count(from)
	return ErrWrong
}

// known tells whether it is the password that somebody has already shown to know.
func (p *Password) known(from netip.Prefix, text string) bool {
	given := sha256.Sum256([]byte(text))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.right == [sha256.Size]byte{} || subtle.ConstantTimeCompare(p.right[:], given[:]) != 1 {
		return false
	}
	delete(p.tries, from)
	return true
}

func (p *Password) locked(from netip.Prefix) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.tries[from].until; time.Now().Before(until) {
		return &LockedError{until}
	}
	return nil
}

// count notes a wrong password.
func (p *Password) count(from netip.Prefix) {
	now := time.Now()
	t := p.tries[from]
	if now.Sub(t.last) > memory {
		t = tries{}
	}
	t.wrong++
	t.last = now
	if over := t.wrong - freeTries; over > 0 {
		t.until = now.Add(min(firstPause<<min(over-1, 20), longestPause))
	}
	if len(p.tries) >= maxAddresses {
		p.forget(now)
	}
	p.tries[from] = t
}

// forget makes room: what is old goes, or else whatever comes first.
func (p *Password) forget(now time.Time) {
	for from, t := range p.tries {
		if now.Sub(t.last) > memory {
			delete(p.tries, from)
		}
	}
	for from := range p.tries {
		if len(p.tries) < maxAddresses {
			return
		}
		delete(p.tries, from)
	}
}

// Address is whose tries are counted together: an IPv4 address, or the network of an IPv6 address, which has too many.
func Address(r *http.Request) netip.Prefix {
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	address := client.Addr().Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"
)

// Sessions tell by a token that somebody has signed in: it is signed, so that it holds after a restart and on every node that has
// the key. Those that were ended before their time are in the database.
type Sessions struct {
	key    []byte
	ledger Ledger
	log    *slog.Logger

	mu    sync.Mutex
	ended map[string]bool // by id: the ledger's, and this node's own
	asked time.Time       // when the ledger was
}

// Ledger remembers the sessions that were ended before their time, for all nodes and over restarts.
type Ledger interface {
	EndSession(ctx context.Context, id string, now, until time.Time) error // until it would have held; it may be forgotten then
	EndedSessions(ctx context.Context, now time.Time) (ids []string, err error)
}

// NewSessions makes sessions that are signed with a key. Sessions of another key don't hold.
func NewSessions(key []byte, ledger Ledger, log *slog.Logger) *Sessions {
	return &Sessions{key: key, ledger: ledger, log: log, ended: map[string]bool{}}
}

// How long a session lasts, and how long without activity; both by the real time. After a while of activity its token is another one.
const (
	SessionLife  = 12 * time.Hour
	SessionIdle  = 15 * time.Minute
	sessionFresh = time.Minute
	ledgerFresh  = time.Second // how long another node may let in somebody who has signed out

	ledgerPatience = 2 * time.Second
)

// Bytes of a token, before the name of who has signed in and the signature.
const (
	endSize  = 8 // when it ends
	seenSize = 8 // when it was used last
	idSize   = 16
	headSize = endSize + seenSize + idSize
)

// session is what a token says.
type session struct {
	end, seen time.Time
	id        [idSize]byte // the same in all tokens of a session
	who       string
}

// Begin gives a token that tells who has signed in.
func (s *Sessions) Begin(who string) (token string) {
	now := time.Now()
	x := session{end: now.Add(SessionLife), seen: now, who: who}
	if _, err := rand.Read(x.id[:]); err != nil {
		panic(err) // crypto/rand doesn't fail
	}
	return s.write(x)
}

func (s *Sessions) write(x session) string {
	text := binary.BigEndian.AppendUint64(nil, uint64(x.end.Unix()))
	text = binary.BigEndian.AppendUint64(text, uint64(x.seen.Unix()))
	text = append(append(text, x.id[:]...), x.who...)
	return base64.RawURLEncoding.EncodeToString(append(text, s.sign(text)...))
}

func (s *Sessions) sign(text []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(text)
	return mac.Sum(nil)
}

// Who tells who has signed in with a token; ok is false when it doesn't hold.
func (s *Sessions) Who(ctx context.Context, token string) (who string, ok bool) {
	x, ok := s.read(token)
	return x.who, ok && s.holds(ctx, x)
}

// Renew gives another token for a session that was used just now, which holds for longer; "" when that is not yet needed.
func (s *Sessions) Renew(token string) string {
	x, ok := s.read(token)
	now := time.Now()
	if !ok || now.Sub(x.seen) < sessionFresh {
		return ""
	}
	x.seen = now
	return s.write(x)
}

// Left is how long a session can last at most.
func (s *Sessions) Left(token string) time.Duration {
	x, _ := s.read(token)
	return max(time.Until(x.end), 0)
}

func (s *Sessions) holds(ctx context.Context, x session) bool {
	now := time.Now()
	return now.Before(x.end) && now.Sub(x.seen) < SessionIdle && !s.isEnded(ctx, now, x)
}

func (s *Sessions) read(token string) (x session, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < headSize+sha256.Size {
		return x, false
	}
	text := raw[:len(raw)-sha256.Size]
	x.end = time.Unix(int64(binary.BigEndian.Uint64(text)), 0)
	x.seen = time.Unix(int64(binary.BigEndian.Uint64(text[endSize:])), 0)
	copy(x.id[:], text[endSize+seenSize:])
	x.who = string(text[headSize:])
	return x, hmac.Equal(raw[len(text):], s.sign(text))
}

// isEnded reports whether a session was ended. The ledger is asked once a second at most. While it can't be, what it said last holds: nobody
// can sign out then either.
func (s *Sessions) isEnded(ctx context.Context, now time.Time, x session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.asked) >= ledgerFresh {
		s.asked = now
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerPatience) // the answer is for others too
		defer cancel()
		ids, err := s.ledger.EndedSessions(ctx, now)
		if err != nil {
			s.log.Warn("the sessions that were ended can't be read", "error", err)
		} else {
			s.ended = make(map[string]bool, len(ids))
		}
		for _, id := range ids {
			s.ended[id] = true
		}
	}
	return s.ended[hex.EncodeToString(x.id[:])]
}

// End ends a session before its time, with all its tokens: at once here, and within a second on other nodes.
func (s *Sessions) End(ctx context.Context, token string) error {
	x, ok := s.read(token)
	if !ok {
		return nil
	}
	id := hex.EncodeToString(x.id[:])
	if err := s.ledger.EndSession(ctx, id, time.Now(), x.end); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[id] = true
	return nil
}

package gate

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
	"time"
)

// Sessions tell by a token that somebody has signed in: it is signed, so that it holds after a restart and on every node that has
// the key. Those that were ended before their time are remembered by the node that ended them.
type Sessions struct {
	key []byte

	mu    sync.Mutex
	ended map[string]time.Time // until when the token would have held
}

// NewSessions makes sessions that are signed with a key. Sessions of another key don't hold.
func NewSessions(key []byte) *Sessions { return &Sessions{key: key, ended: map[string]time.Time{}} }

const (
	endSize   = 8  // bytes of the time of its end
	nonceSize = 16 // bytes that make it different from all others
)

// Begin gives a token that tells, for a while, who has signed in.
func (s *Sessions) Begin(who string, life time.Duration) (token string) {
	text := make([]byte, endSize+nonceSize, endSize+nonceSize+len(who)+sha256.Size)
	binary.BigEndian.PutUint64(text, uint64(time.Now().Add(life).Unix()))
	if _, err := rand.Read(text[endSize:]); err != nil {
		panic(err) // crypto/rand doesn't fail
	}
	text = append(text, who...)
	return base64.RawURLEncoding.EncodeToString(append(text, s.sign(text)...))
}

func (s *Sessions) sign(text []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(text)
	return mac.Sum(nil)
}

// Who tells who has signed in with a token; ok is false when it doesn't hold.
func (s *Sessions) Who(token string) (who string, ok bool) {
	text, end, ok := s.read(token)
	if !ok || !time.Now().Before(end) {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, over := s.ended[token]; over {
		return "", false
	}
	return string(text[endSize+nonceSize:]), true
}

func (s *Sessions) read(token string) (text []byte, end time.Time, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < endSize+nonceSize+sha256.Size {
		return nil, end, false
	}
	text = raw[:len(raw)-sha256.Size]
	end = time.Unix(int64(binary.BigEndian.Uint64(text)), 0)
	return text, end, hmac.Equal(raw[len(text):], s.sign(text))
}

// End ends a session before its time.
func (s *Sessions) End(token string) {
	_, end, ok := s.read(token)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for t, over := range s.ended {
		if now.After(over) {
			delete(s.ended, t)
		}
	}
	s.ended[token] = end
}

// Package credential checks what operators prove themselves with: passwords, and the SecurityCredentials that they are
// encrypted in (wire.md §15).
package credential

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"
)

// Verdict is what a SecurityCredential turned out to be.
type Verdict int

// The verdicts. The zero value lets nobody in.
const (
	Wrong   Verdict = iota // it can't be read, or holds another password
	Right                  // it holds the operator's password
	Foreign                // it was encrypted for another certificate than ours, such as Safaricom's: nobody here can read it
)

// String is the verdict's name.
func (v Verdict) String() string {
	switch v {
	case Right:
		return "right"
	case Foreign:
		return "foreign"
	default:
		return "wrong"
	}
}

const (
	credentialSize   = 256 // bytes of a ciphertext: a key of 2048 bits (wire.md §15)
	credentialLength = 344 // characters of it in base64
	remembered       = 4096
	rememberedFor    = 10 * time.Minute
)

// Checker checks SecurityCredentials. A credential may be used for many requests (BusinessToPochi FAQ 22), and an RSA decryption
// takes a millisecond and a password's hash twenty; so what was found out is remembered for ten minutes, and found out once when
// many ask at the same time. Neither passwords nor ciphertexts are kept, only keyed digests of them. It is safe for concurrent use.
type Checker struct {
	decrypt func(ctx context.Context, ciphertext []byte) (plaintext []byte, err error)
	secret  [16]byte      // of the digests; it and they never leave the process
	slots   chan struct{} // as many as hashes may be computed at a time: each takes 19 MiB and a processor

	credentials memory[finding] // by ciphertext and hash
	passwords   memory[bool]    // by password and hash: clients that encrypt anew for every request cost a decryption, but no hash
}

// finding is a verdict and, unless it is Right, an explanation for people.
type finding struct {
	verdict Verdict
	reason  string
}

// New makes a Checker. decrypt undoes RSA PKCS#1 v1.5 with the installation's key, and returns rsa.ErrDecryption for what was
// encrypted for another; now tells the time by which things are forgotten.
func New(decrypt func(ctx context.Context, ciphertext []byte) (plaintext []byte, err error), now func() time.Time) *Checker {
	c := &Checker{decrypt: decrypt, slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		credentials: memory[finding]{now: now}, passwords: memory[bool]{now: now}}
	_, _ = rand.Read(c.secret[:]) // which never fails
	return c
}

// Check judges a SecurityCredential by the hash of the operator's password. An operator without a password has the hash "", for
// which everything is Wrong. The reason says what is wrong with it, without telling what is in it; it is "" for Right.
//
// It returns an error, and no verdict, when the context ends, the key can't be had, or the hash can't be read.
func (c *Checker) Check(ctx context.Context, securityCredential, passwordHash string) (v Verdict, reason string, err error) {
	if passwordHash == "" {
		return Wrong, "The operator has no password yet.", nil
	}
	var space [credentialLength * 3 / 4]byte
	data, problem := decode(space[:], securityCredential)
	if problem != "" {
		return c.checkUnencrypted(ctx, securityCredential, data, problem, passwordHash)
	}
	key := c.digest(data, passwordHash)
	if f, ok := c.credentials.recall(key); ok {
		return f.verdict, f.reason, nil
	}
	return c.checkNew(ctx, key, [credentialSize]byte(data), passwordHash)
}

// checkNew judges a ciphertext that isn't remembered. It is apart from Check so that Check allocates nothing.
func (c *Checker) checkNew(ctx context.Context, key digest, ciphertext [credentialSize]byte, passwordHash string) (Verdict, string, error) {
	f, err := c.credentials.find(ctx, key, func() (finding, error) { return c.judge(ctx, ciphertext[:], passwordHash) })
	return f.verdict, f.reason, err
}

// decode undoes the base64, and puts up with white space in it. It uses the room in space, and says what the problem is unless the
// data has the size of a ciphertext.
func decode(space []byte, text string) (data []byte, problem string) {
	var copied [credentialLength]byte
	if len(text) == credentialLength { // as most are: in a third of the time
		copy(copied[:], text)
		if n, err := base64.StdEncoding.Decode(space, copied[:]); err == nil && n == credentialSize {
			return space[:n], ""
		}
	}
	compact := withoutSpace(text)
	data, err := base64.StdEncoding.DecodeString(compact)
	switch {
	case compact == "":
		return nil, "SecurityCredential is empty."
	case err != nil:
		return nil, notBase64(text, compact, err)
	case len(data) != credentialSize:
		return data, fmt.Sprintf("SecurityCredential decodes to %d bytes instead of %d.", len(data), credentialSize) + lostPlus(text)
	}
	return data, ""
}

// withoutSpace leaves out what people paste along with base64.
func withoutSpace(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// notBase64 explains why a credential can't be decoded. It quotes nothing: the text may be a password.
func notBase64(text, compact string, err error) string {
	var at base64.CorruptInputError
	switch data, urlErr := base64.URLEncoding.DecodeString(compact); {
	case urlErr == nil && len(data) == credentialSize:
		return "SecurityCredential is in base64's alphabet for URLs (- and _) instead of the standard one (+ and /)."
	case errors.As(err, &at) && int(at) < len(compact)/4*4: // before an incomplete last four
		return fmt.Sprintf("SecurityCredential is not base64: see its character %d of %d.", at+1, len(compact)) + lostPlus(text)
	default:
		return fmt.Sprintf("SecurityCredential is not base64: it breaks off after %d characters.", len(compact)) + lostPlus(text)
	}
}

// lostPlus is the hint that a + of base64 may have been read as a form's space.
func lostPlus(text string) string {
	if strings.Contains(strings.TrimSpace(text), " ") {
		return " It has spaces inside: were they + before they were sent as a form?"
	}
	return ""
}

// digest is what something is remembered by. A plain hash with the secret in front is enough of a MAC where no digest gets out.
func (c *Checker) digest(what []byte, passwordHash string) digest {
	var space [512]byte
	b := append(space[:0], c.secret[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(what))) // a ciphertext or a password: at most 256 bytes
	b = append(b, what...)
	b = append(b, passwordHash...)
	return sha256.Sum256(b)
}

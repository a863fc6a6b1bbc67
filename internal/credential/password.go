package credential

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// How new passwords are hashed: argon2id with 19 MiB, two passes and one thread, the least that OWASP's password storage cheat sheet
// recommends. It takes some 20 ms.
const (
	hashMemory  = 19_456 // KiB
	hashPasses  = 2
	hashThreads = 1
	saltSize    = 16 // bytes
	sumSize     = 32 // bytes
)

// What a hash that was made elsewhere may cost, so that a broken one can't stop the process.
const (
	maxHashMemory  = 256 * 1024 // KiB
	maxHashPasses  = 16
	maxHashThreads = 16
)

// What passwords consist of.
const (
	minPassword = 8                   // characters
	maxPassword = credentialSize - 11 // bytes: what PKCS#1 v1.5 leaves room for in a SecurityCredential
	specials    = "#&%$@.!*"          // see PasswordProblem
)

// The PHC string format.
const (
	hashFormat  = "$argon2id$v=%d$%s$%s$%s" // version, costs, salt, sum
	costsFormat = "m=%d,t=%d,p=%d"
)

// Hash gives what is kept of a password: `$argon2id$v=19$m=19456,t=2,p=1$salt$sum`, the PHC string format. The same password has
// another hash each time. It takes some 20 ms and 19 MiB. A password that is empty, or too long for any SecurityCredential can
// hold it (245 bytes), is an error; see PasswordProblem for what people may choose.
func Hash(password string) (string, error) {
	if password == "" || len(password) > maxPassword {
		return "", fmt.Errorf("a password has 1 to %d bytes, not %d", maxPassword, len(password))
	}
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	sum := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashThreads, sumSize)
	return fmt.Sprintf(hashFormat, argon2.Version, fmt.Sprintf(costsFormat, hashMemory, hashPasses, hashThreads),
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)), nil
}

// Verify reports whether a hash is the password's. The hash may have been made at other costs than Hash's, up to 256 MiB. One that
// can't be read is an error.
func Verify(password, hash string) (bool, error) {
	h, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	sum := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.threads, uint32(len(h.sum)))
	return subtle.ConstantTimeCompare(sum, h.sum) == 1, nil
}

// hash is what a PHC string of argon2id says.
type hash struct {
	memory    uint32 // KiB
	passes    uint32
	threads   uint8
	salt, sum []byte
}

var errBadHash = errors.New("the kept password is not a hash of argon2id, version 19, at bearable costs")

// parseHash reads a PHC string.
func parseHash(text string) (h hash, err error) {
	parts := strings.Split(text, "$") // "", argon2id, version, costs, salt, sum
	if len(parts) != 6 || !strings.HasPrefix(text, fmt.Sprintf("$argon2id$v=%d$", argon2.Version)) {
		return hash{}, errBadHash
	}
	if _, err := fmt.Sscanf(parts[3], costsFormat, &h.memory, &h.passes, &h.threads); err != nil ||
		fmt.Sprintf(costsFormat, h.memory, h.passes, h.threads) != parts[3] {
		return hash{}, errBadHash
	}
	var saltErr, sumErr error
	h.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	h.sum, sumErr = base64.RawStdEncoding.DecodeString(parts[5])
	bearable := h.memory <= maxHashMemory && h.passes >= 1 && h.passes <= maxHashPasses && h.threads >= 1 && h.threads <= maxHashThreads
	if saltErr != nil || sumErr != nil || !bearable || len(h.salt) < 8 || len(h.sum) < 16 || len(h.sum) > 64 {
		return hash{}, errBadHash
	}
	return h, nil
}

// PasswordProblem says why an operator's password is refused, or "" when it may be used. It may have 8 characters (our choice, the
// documents give no number) to 245: letters and digits of ASCII, and
//
//   - # & % $, which the documents allow (BusinessToCustomer, BusinessToPochi: Important Information);
//   - @, which they call a normal character, and the full stop: they advise against both (BusinessToPochi, setting the
//     password), and don't refuse them;
//   - ! and *, which they don't mention and the sandbox's own password has (wire.md §20).
//
// Parentheses are refused by name; of other characters the documents say that they may not be accepted, and here they are not.
func PasswordProblem(password string) string {
	switch {
	case len(password) < minPassword:
		return fmt.Sprintf("the password is shorter than %d characters", minPassword)
	case len(password) > maxPassword:
		return fmt.Sprintf("the password is longer than %d characters, the most that a SecurityCredential holds", maxPassword)
	}
	for _, c := range password {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune(specials, c)) {
			return fmt.Sprintf("the password has the character %q; letters, digits and %s are allowed", c, specials)
		}
	}
	return ""
}

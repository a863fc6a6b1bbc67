package credential

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
)

// Nobody is the hash of no password that anybody knows, at the costs of Hash's: to compare a password with it takes as long as with
// another, so that the time doesn't tell whether there is an operator of a name.
const Nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// WebPasswordRules says what the password of a web operator has to be, for people. The documents say only that there are rules
// (BusinessToPochi, first sign-in, 9), which characters are allowed, and that an at sign counts as a normal one.
func WebPasswordRules() []string {
	return []string{
		fmt.Sprintf("%d to %d characters; capital and small letters differ", minPassword, maxWebPassword),
		"at least one capital letter, one small letter and one digit",
		"at least one special character: # & % $ ! or *",
		"no other special characters, such as ( and ); @ and . are allowed, and count as normal characters",
		"not the username, forwards or backwards",
		"not the present password, nor one of the last three before it",
	}
}

const (
	maxWebPassword = 50 // characters
	minInPassword  = 4  // characters of a username that a password may not have in it
)

// WebPasswordProblem says why a web operator's password is refused, or "" when it may be used. That it was used before is for others
// to see.
func WebPasswordProblem(password, username string) string {
	if problem := PasswordProblem(password); problem != "" {
		return problem
	}
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(password, is) }
	lower, name := strings.ToLower(password), strings.ToLower(username)
	switch {
	case len(password) > maxWebPassword:
		return fmt.Sprintf("the password is longer than %d characters", maxWebPassword)
	case !has(unicode.IsUpper):
		return "the password has no capital letter"
	case !has(unicode.IsLower):
		return "the password has no small letter"
	case !has(unicode.IsDigit):
		return "the password has no digit"
	case !strings.ContainsAny(password, "#&%$!*"):
		return "the password has no special character: one of # & % $ ! *"
	case len(name) >= minInPassword && (strings.Contains(lower, name) || strings.Contains(lower, reversed(name))):
		return "the password has the username in it"
	}
	return ""
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// NormalAnswer is what is kept and compared of the answer to a security question: without regard to capitals and to spaces.
func NormalAnswer(answer string) string {
	return strings.ToLower(strings.Join(strings.Fields(answer), " "))
}

// NobodyCalled is Nobody with a salt of its own for each name. What is remembered of a wrong password for one name then makes no other
// name's answer quicker, which would tell that neither exists.
func NobodyCalled(name string) string {
	salt := sha256.Sum256([]byte(name))
	return strings.Replace(Nobody, strings.Repeat("A", 22), base64.RawStdEncoding.EncodeToString(salt[:16]), 1)
}

package credential

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"slices"
	"unicode"
	"unicode/utf8"
)

const foreign = "SecurityCredential was encrypted for another certificate than this installation's, such as one of Safaricom's."

// judge decrypts a ciphertext and compares what is in it with the password.
func (c *Checker) judge(ctx context.Context, ciphertext []byte, passwordHash string) (finding, error) {
	text, err := c.decrypt(ctx, ciphertext)
	switch {
	case errors.Is(err, rsa.ErrDecryption):
		return finding{Foreign, foreign}, nil
	case err != nil:
		return finding{}, err
	}
	right, err := c.matches(ctx, text, passwordHash)
	switch {
	case err != nil:
		return finding{}, err
	case right:
		return finding{verdict: Right}, nil
	}
	for _, m := range mistakes(text) {
		if right, err := c.matches(ctx, m.meant, passwordHash); right || err != nil {
			return finding{Wrong, "SecurityCredential holds " + m.instead + "; encrypt the password itself."}, err
		}
	}
	switch {
	case !isText(text):
		// One in about 100,000 ciphertexts for another key has right padding by chance. What comes out then isn't text.
		return finding{Foreign, foreign}, nil
	case len(text) == 0:
		return finding{Wrong, "SecurityCredential holds an empty password."}, nil
	case len(bytes.TrimSpace(text)) != len(text):
		return finding{Wrong, "SecurityCredential holds another password than the operator's, and it begins or ends with white space."}, nil
	}
	return finding{Wrong, "SecurityCredential holds another password than the operator's."}, nil
}

// mistake is a way to encrypt something instead of the password.
type mistake struct {
	meant   []byte // the password that would have been meant
	instead string
}

const stampSize = len("YYYYMMDDHHmmss")

// mistakes lists what a text would have meant if it came of one of the mistakes that are known to be made.
func mistakes(text []byte) (list []mistake) {
	if trimmed := bytes.TrimSpace(text); len(trimmed) != len(text) && len(trimmed) > 0 {
		list = append(list, mistake{trimmed, "the password with white space before or after it"})
	}
	// The documents speak of "encrypting the base64 encoded initiator password" (wire.md §15).
	if plain, err := base64.StdEncoding.DecodeString(string(text)); err == nil && len(plain) > 0 && isText(plain) {
		list = append(list, mistake{plain, "the base64 of the password"})
	}
	// A client library appends the time, as in an M-Pesa Express password (wire.md §15).
	if n := len(text) - stampSize; n > 0 && !slices.ContainsFunc(text[n:], func(b byte) bool { return b < '0' || b > '9' }) {
		list = append(list, mistake{text[:n], "the password with a timestamp after it"})
	}
	if plain, ok := fromUTF16(text); ok {
		list = append(list, mistake{plain, "the password in UTF-16"})
	}
	return list
}

// fromUTF16 reads ASCII text in UTF-16 of either byte order: the strings of C#, Java and JavaScript, encrypted as they lie in memory.
func fromUTF16(text []byte) (plain []byte, ok bool) {
	if len(text) == 0 || len(text)%2 != 0 {
		return nil, false
	}
	zero := 1 // where the zero of each pair is
	if text[0] == 0 {
		zero = 0
	}
	for i := 0; i < len(text); i += 2 {
		if text[i+zero] != 0 || text[i+1-zero] == 0 {
			return nil, false
		}
		plain = append(plain, text[i+1-zero])
	}
	return plain, true
}

// isText reports whether data can be somebody's idea of a password.
func isText(data []byte) bool {
	return utf8.Valid(data) && !bytes.ContainsFunc(data, func(r rune) bool { return !unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// checkUnencrypted judges what can't be a ciphertext. It is Wrong, whatever it is; but when it is the password, the reason says so.
// data is what the base64 decodes to, nil if it doesn't.
func (c *Checker) checkUnencrypted(ctx context.Context, text string, data []byte, problem, passwordHash string) (Verdict, string, error) {
	for _, m := range []mistake{
		{bytes.TrimSpace([]byte(text)), "the password as it is"},
		{data, "the base64 of the password"},
	} {
		if len(m.meant) == 0 || len(m.meant) > maxPassword || !isText(m.meant) {
			continue
		}
		switch right, err := c.matches(ctx, m.meant, passwordHash); {
		case err != nil:
			return Wrong, "", err
		case right:
			return Wrong, "SecurityCredential is " + m.instead + "; encrypt it for the installation's certificate.", nil
		}
	}
	return Wrong, problem, nil
}

// matches reports whether a password is the one of a hash.
func (c *Checker) matches(ctx context.Context, password []byte, passwordHash string) (bool, error) {
	return c.passwords.find(ctx, c.digest(password, passwordHash), func() (bool, error) {
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
			return Verify(string(password), passwordHash)
		case <-ctx.Done():
			return false, ctx.Err()
		}
	})
}

package credential

import (
	"context"
	"crypto/rsa"
	"errors"
)

// Inspect tells what can be told of a SecurityCredential without knowing whose it is meant to be: Right, when it was encrypted for the
// installation's certificate, whatever it holds; Foreign or Wrong, with the reason, when it can't be read. The reason doesn't tell what
// is in it.
func (c *Checker) Inspect(ctx context.Context, securityCredential string) (v Verdict, reason string, err error) {
	var space [credentialLength * 3 / 4]byte
	data, problem := decode(space[:], securityCredential)
	if problem != "" {
		return Wrong, problem, nil
	}
	switch text, err := c.decrypt(ctx, data); {
	case errors.Is(err, rsa.ErrDecryption), err == nil && !isText(text):
		return Foreign, foreign, nil
	case err != nil:
		return Wrong, "", err
	}
	return Right, "", nil
}

// Holds reports whether a hash is a password's. It remembers what it found out as Check does.
func (c *Checker) Holds(ctx context.Context, password, passwordHash string) (bool, error) {
	if passwordHash == "" || password == "" {
		return false, nil
	}
	return c.matches(ctx, []byte(password), passwordHash)
}

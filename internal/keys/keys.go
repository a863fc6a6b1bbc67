// Package keys keeps an installation's secrets outside its database: the key that PINs are digested with and identifiers are
// scrambled with, and the RSA key that SecurityCredentials are encrypted for.
package keys

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// Keys are an installation's secrets. Identifiers and PINs depend on the secret: a database goes with its key file.
type Keys struct {
	secret []byte
	keep   Keeper

	mu         sync.Mutex
	credential *credential // nil until it is first asked for
}

// credential is what SecurityCredentials are encrypted for.
type credential struct {
	key         *rsa.PrivateKey
	certificate []byte // of the key, in PEM
}

// Keeper is where secrets are kept: values by name, "" when there is none. Put keeps the first value that it was given for a
// name and returns the one that is kept, so that two nodes which start at once end up with the same.
type Keeper interface {
	Get(ctx context.Context, name string) (string, error)
	Put(ctx context.Context, name, value string) (kept string, err error)
}

const (
	secretName     = "secret"
	credentialName = "credential"
	keyBits        = 2048 // of the key that SecurityCredentials are encrypted for (wire.md §15)
)

// ErrMissing says that a database was made with a secret that isn't there any more.
var ErrMissing = errors.New("the secret that the database was made with is missing")

// Load reads the secret from its keeper. On the first run it makes one, from the seed where there is one; on a later run a
// missing secret is ErrMissing.
func Load(ctx context.Context, keep Keeper, seed *int64, firstRun bool) (*Keys, error) {
	text, err := keep.Get(ctx, secretName)
	if err != nil {
		return nil, err
	}
	if text == "" && !firstRun {
		return nil, ErrMissing
	}
	if text == "" {
		secret := make([]byte, 32)
		if _, err := rand.Read(secret); err != nil {
			return nil, err
		}
		if seed != nil {
			sum := sha256.Sum256(fmt.Appendf(nil, "kivuko seed %d", *seed))
			secret = sum[:]
		}
		if text, err = keep.Put(ctx, secretName, hex.EncodeToString(secret)); err != nil {
			return nil, err
		}
	}
	secret, err := hex.DecodeString(text)
	if err != nil || len(secret) != 32 {
		return nil, errors.New("the secret is not 32 bytes in hexadecimal")
	}
	return &Keys{secret: secret, keep: keep}, nil
}

func (k *Keys) digest(purpose string, data []byte) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(purpose + "\x00"))
	mac.Write(data)
	return mac.Sum(nil)
}

// Identifiers is the key for package ids.
func (k *Keys) Identifiers() []byte { return k.digest("identifiers", nil) }

// Sign gives 32 bytes that nobody without the secret can make of a text.
func (k *Keys) Sign(text string) []byte { return k.digest("signature", []byte(text)) }

// Sessions is the key that the console's sessions are signed with. Those that were begun with another password end with it.
func (k *Keys) Sessions(password string) []byte { return k.digest("sessions", []byte(password)) }

// Fingerprint tells keys apart without giving them away.
func (k *Keys) Fingerprint() string { return hex.EncodeToString(k.digest("fingerprint", nil)[:8]) }

// PIN is the digest of a customer's PIN.
func (k *Keys) PIN(phone msisdn.Number, pin string) (d mpesa.PINDigest) {
	copy(d[:], k.digest("pin", []byte(phone.String()+"\x00"+pin)))
	return d
}

// Text returns n characters of [A-Za-z0-9] that nobody without the secret can make of a name.
func (k *Keys) Text(name string, n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	chance := mathrand.New(mathrand.NewChaCha8([32]byte(k.digest("text", []byte(name)))))
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[chance.IntN(len(letters))]
	}
	return string(b)
}

// OpeningPIN is the PIN of customers who were given none: four digits.
func (k *Keys) OpeningPIN() string {
	return fmt.Sprintf("%04d", binary.BigEndian.Uint64(k.digest("opening PIN", nil))%10_000)
}

// Certificate is the X.509 certificate, in PEM, that clients encrypt SecurityCredentials with for this installation.
// Its key is made when it is first asked for. The caller must not change it.
func (k *Keys) Certificate(ctx context.Context) ([]byte, error) {
	c, err := k.loadCredential(ctx)
	if err != nil {
		return nil, err
	}
	return c.certificate, nil
}

// Decrypt gives the text of a SecurityCredential's 256 bytes: RSA PKCS#1 v1.5 with the key of Certificate (wire.md §15).
// What was encrypted for another key is rsa.ErrDecryption, but once in about 100,000 times something random comes out. Any other
// error is the keeper's. One call takes about a millisecond of computing; it is safe for concurrent use.
func (k *Keys) Decrypt(ctx context.Context, ciphertext []byte) (plaintext []byte, err error) {
	c, err := k.loadCredential(ctx)
	if err != nil {
		return nil, err
	}
	return c.key.Decrypt(nil, ciphertext, &rsa.PKCS1v15DecryptOptions{}) //lint:ignore SA1019 the wire's padding
}

// loadCredential reads the credential from its keeper once, and makes it where there is none.
func (k *Keys) loadCredential(ctx context.Context) (*credential, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.credential != nil {
		return k.credential, nil
	}
	text, err := k.keep.Get(ctx, credentialName)
	if err != nil {
		return nil, err
	}
	if text == "" {
		if text, err = newCredential(); err != nil {
			return nil, err
		}
		if text, err = k.keep.Put(ctx, credentialName, text); err != nil {
			return nil, err
		}
	}
	c, err := parseCredential([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("the key for SecurityCredentials: %w", err)
	}
	k.credential = c
	return c, nil
}

// parseCredential reads what newCredential has made.
func parseCredential(text []byte) (*credential, error) {
	var c credential
	var certificate *x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, err
			}
			c.key, _ = key.(*rsa.PrivateKey)
		case "CERTIFICATE":
			var err error
			if certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
				return nil, err
			}
			c.certificate = pem.EncodeToMemory(block)
		}
	}
	switch {
	case c.key == nil || c.key.N.BitLen() != keyBits:
		return nil, fmt.Errorf("there is no RSA key of %d bits", keyBits)
	case certificate == nil:
		return nil, errors.New("there is no certificate")
	case !c.key.PublicKey.Equal(certificate.PublicKey):
		return nil, errors.New("the certificate is another key's")
	}
	return &c, nil
}

// newCredential makes a key and its certificate, as PEM blocks.
func newCredential() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return "", err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "kivuko"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(20, 0, 0), KeyUsage: x509.KeyUsageKeyEncipherment,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})), nil
}

// Files keeps each secret in a file of its own, readable by its owner only: the prefix, a dot and the name.
type Files struct{ Prefix string }

// Check tells why no secret can be kept here, as far as that shows without keeping one.
func (f Files) Check() error {
	dir := filepath.Dir(f.Prefix)
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", dir)
	}
	return err
}

// Get implements Keeper.
func (f Files) Get(_ context.Context, name string) (string, error) {
	b, err := os.ReadFile(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// Put implements Keeper: the file appears whole or not at all.
func (f Files) Put(ctx context.Context, name, value string) (string, error) {
	temporary, err := os.CreateTemp(filepath.Dir(f.Prefix), ".kivuko-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.WriteString(value)
	err = errors.Join(err, temporary.Chmod(0o600), temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Link(temporary.Name(), f.path(name))
	}
	if errors.Is(err, fs.ErrExist) {
		return f.Get(ctx, name)
	}
	return value, errors.Join(err, syncDirectory(filepath.Dir(f.Prefix)))
}

// syncDirectory makes a new file's name outlast a power cut, as the database does that goes with it.
func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync() // which not every file system can
	return d.Close()
}

// All returns the paths of the files, whether they are there or not yet.
func (f Files) All() []string { return []string{f.path(secretName), f.path(credentialName)} }

func (f Files) path(name string) string { return f.Prefix + "." + name }

// Memory keeps secrets as long as the process lives.
type Memory map[string]string

// Get implements Keeper.
func (m Memory) Get(_ context.Context, name string) (string, error) { return m[name], nil }

// Put implements Keeper.
func (m Memory) Put(_ context.Context, name, value string) (string, error) {
	if kept, ok := m[name]; ok {
		return kept, nil
	}
	m[name] = value
	return value, nil
}

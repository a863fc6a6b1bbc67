package keys_test

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/internal/keys"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
)

func load(t *testing.T, keep keys.Keeper, seed *int64, firstRun bool) *keys.Keys {
	t.Helper()
	k, err := keys.Load(t.Context(), keep, seed, firstRun)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func files(t *testing.T) keys.Files {
	return keys.Files{Prefix: filepath.Join(t.TempDir(), "kivuko.db")}
}

func TestASecretIsMadeOnceAndKept(t *testing.T) {
	for name, keep := range map[string]keys.Keeper{"files": files(t), "memory": keys.Memory{}} {
		first, again, later := load(t, keep, nil, true), load(t, keep, nil, true), load(t, keep, nil, false)
		for _, k := range []*keys.Keys{again, later} {
			if k.Fingerprint() != first.Fingerprint() || !bytes.Equal(k.Identifiers(), first.Identifiers()) {
				t.Errorf("%s: the secret has changed", name)
			}
		}
	}
}

func TestInstallationsHaveDifferentSecrets(t *testing.T) {
	one, other := load(t, keys.Memory{}, nil, true), load(t, keys.Memory{}, nil, true)
	if one.Fingerprint() == other.Fingerprint() || bytes.Equal(one.Identifiers(), other.Identifiers()) {
		t.Error("two installations have the same secret")
	}
	if secret := one.Identifiers(); strings.Contains(string(secret), one.Fingerprint()) || len(one.Fingerprint()) != 16 {
		t.Errorf("the fingerprint is %s", one.Fingerprint())
	}
}

func TestASeedGivesTheSecret(t *testing.T) {
	seed, another := int64(7), int64(8)
	first := load(t, keys.Memory{}, &seed, true).Fingerprint()
	if again := load(t, keys.Memory{}, &seed, true).Fingerprint(); again != first {
		t.Errorf("the seed gives %s, then %s", first, again)
	}
	if other := load(t, keys.Memory{}, &another, true).Fingerprint(); other == first {
		t.Error("another seed gives the same")
	}
	keep := keys.Memory{}
	kept := load(t, keep, nil, true).Fingerprint()
	if got := load(t, keep, &seed, false).Fingerprint(); got != kept {
		t.Error("a seed replaces a secret that is kept")
	}
}

func TestAMissingOrBrokenSecretIsAnError(t *testing.T) {
	if _, err := keys.Load(t.Context(), files(t), nil, false); !errors.Is(err, keys.ErrMissing) {
		t.Errorf("without a secret: %v; want ErrMissing", err)
	}
	for _, text := range []string{"not hexadecimal", "c0ffee", strings.Repeat("00", 33)} {
		if _, err := keys.Load(t.Context(), keys.Memory{"secret": text}, nil, false); err == nil {
			t.Errorf("the secret %q is accepted", text)
		}
	}
	nowhere := keys.Files{Prefix: filepath.Join(t.TempDir(), "missing", "kivuko.db")}
	if err := nowhere.Check(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Check of a missing directory: %v", err)
	}
	if _, err := keys.Load(t.Context(), nowhere, nil, true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load in a missing directory: %v", err)
	}
}

func TestFilesAreTheirOwnersOnly(t *testing.T) {
	keep := files(t)
	k := load(t, keep, nil, true)
	if _, err := k.Certificate(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(keep.Prefix))
	if err != nil || len(entries) != 2 {
		t.Fatalf("there are %v, %v; want the secret and the credential, and nothing else", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v; want -rw-------", e.Name(), info.Mode(), err)
		}
	}
}

func TestNodesThatStartAtOnceAgree(t *testing.T) {
	keep := files(t)
	type node struct{ fingerprint, certificate string }
	nodes := make([]node, 3)
	var wait sync.WaitGroup
	for i := range nodes {
		wait.Go(func() {
			k, err := keys.Load(context.Background(), keep, nil, true)
			if err != nil {
				t.Error(err)
				return
			}
			certificate, err := k.Certificate(context.Background())
			if err != nil {
				t.Error(err)
			}
			nodes[i] = node{k.Fingerprint(), string(certificate)}
		})
	}
	wait.Wait()
	for _, n := range nodes {
		if n != nodes[0] || n.certificate == "" {
			t.Errorf("one node has %v, another %v", nodes[0], n)
		}
	}
}

func TestPutKeepsTheFirstValue(t *testing.T) {
	for name, keep := range map[string]keys.Keeper{"files": files(t), "memory": keys.Memory{}} {
		for _, value := range []string{"first", "second"} {
			if kept, err := keep.Put(t.Context(), "name", value); kept != "first" || err != nil {
				t.Errorf("%s: Put(%s) = %q, %v; want first", name, value, kept, err)
			}
		}
		if got, err := keep.Get(t.Context(), "name"); got != "first" || err != nil {
			t.Errorf("%s: Get = %q, %v", name, got, err)
		}
		if got, err := keep.Get(t.Context(), "another"); got != "" || err != nil {
			t.Errorf("%s: Get of nothing = %q, %v", name, got, err)
		}
	}
}

func TestAPINHasADigestOfItsOwnForEachPhone(t *testing.T) {
	k, other := load(t, keys.Memory{}, nil, true), load(t, keys.Memory{}, nil, true)
	seen := map[mpesa.PINDigest]string{}
	for name, d := range map[string]mpesa.PINDigest{
		"1234 of one phone":         k.PIN(254708374149, "1234"),
		"1234 of another":           k.PIN(254708374148, "1234"),
		"4321 of one phone":         k.PIN(254708374149, "4321"),
		"1234 of one, another key":  other.PIN(254708374149, "1234"),
		"a PIN that ends the phone": k.PIN(msisdn.Number(25470837414), "91234"),
	} {
		if same, ok := seen[d]; ok {
			t.Errorf("the digests of %s and %s are the same", name, same)
		}
		seen[d] = name
	}
	if seen[k.PIN(254708374149, "1234")] != "1234 of one phone" {
		t.Error("a PIN's digest changes")
	}
}

func TestTheCertificateIsTheKeys(t *testing.T) {
	keep := files(t)
	k := load(t, keep, nil, true)
	certificate, err := k.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(certificate)
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Fatalf("the certificate is %s", certificate)
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if key, ok := parsed.PublicKey.(*rsa.PublicKey); !ok || key.N.BitLen() != 2048 || key.E != 65537 {
		t.Errorf("the key is %v; want RSA, 2048 bits, exponent 65537 (wire.md §15)", parsed.PublicKey)
	}
	later := load(t, keep, nil, false)
	for _, k := range []*keys.Keys{k, later} {
		if again, err := k.Certificate(t.Context()); !bytes.Equal(again, certificate) || err != nil {
			t.Errorf("the certificate has become %s, %v", again, err)
		}
		if text, err := k.Decrypt(t.Context(), encrypt(t, certificate)); string(text) != "Safaricom999!*!" || err != nil {
			t.Errorf("Decrypt = %q, %v", text, err)
		}
	}
}

// encrypt gives the bytes of a SecurityCredential.
func encrypt(t *testing.T, certificate []byte) []byte {
	t.Helper()
	text, err := daraja.EncryptCredential("Safaricom999!*!", certificate)
	if err != nil {
		t.Fatal(err)
	}
	ciphertext, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return ciphertext
}

func TestWhatIsEncryptedForAnotherKeyIsNotDecrypted(t *testing.T) {
	k, other := load(t, keys.Memory{}, nil, true), load(t, keys.Memory{}, nil, true)
	certificate, err := other.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, ciphertext := range map[string][]byte{
		"another's": encrypt(t, certificate), "too short": make([]byte, 255), "too long": make([]byte, 257), "none": nil,
	} {
		if text, err := k.Decrypt(t.Context(), ciphertext); !errors.Is(err, rsa.ErrDecryption) {
			t.Errorf("%s: Decrypt = %q, %v; want rsa.ErrDecryption", name, text, err)
		}
	}
}

func TestABrokenCredentialIsAnErrorAndStays(t *testing.T) {
	mine, theirs := keys.Memory{}, keys.Memory{}
	for _, keep := range []keys.Memory{mine, theirs} {
		if _, err := load(t, keep, nil, true).Certificate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const begin = "-----BEGIN CERTIFICATE-----"
	key, certificate, _ := strings.Cut(mine["credential"], begin)
	_, foreign, _ := strings.Cut(theirs["credential"], begin)
	for name, text := range map[string]string{
		"no PEM":                "a key",
		"no certificate":        key,
		"no key":                begin + certificate,
		"another's certificate": key + begin + foreign,
		"a broken certificate":  key + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"a broken key":          "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + begin + certificate,
	} {
		keep := keys.Memory{"credential": text}
		k := load(t, keep, nil, true)
		if _, err := k.Certificate(t.Context()); err == nil {
			t.Errorf("%s: there is a certificate", name)
		}
		if _, err := k.Decrypt(t.Context(), make([]byte, 256)); err == nil || errors.Is(err, rsa.ErrDecryption) {
			t.Errorf("%s: Decrypt fails with %v; want the key's error", name, err)
		}
		if keep["credential"] != text {
			t.Errorf("%s: it was replaced", name)
		}
	}
}

package daraja_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

func TestACredentialIsThePasswordEncryptedForTheCertificate(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der := certificate(t, key)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	notThisOne := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("skipped")})
	for name, cert := range map[string][]byte{
		"DER": der, "PEM": text, "PEM after a comment": append([]byte("subject=CN=apicrypt\n"), text...),
		"PEM after another block": slices.Concat(notThisOne, text),
	} {
		t.Run(name, func(t *testing.T) {
			credential, err := daraja.EncryptCredential("Safaricom999!*!", cert)
			if err != nil {
				t.Fatal(err)
			}
			if len(credential) != 344 {
				t.Errorf("it has %d characters, want 344", len(credential))
			}
			encrypted, err := base64.StdEncoding.DecodeString(credential)
			if err != nil {
				t.Fatal(err)
			}
			password, err := key.Decrypt(nil, encrypted, &rsa.PKCS1v15DecryptOptions{}) //lint:ignore SA1019 the wire's padding
			if string(password) != "Safaricom999!*!" || err != nil {
				t.Errorf("it decrypts to %q, %v", password, err)
			}
		})
	}
	t.Run("too long a password", func(t *testing.T) {
		if _, err := daraja.EncryptCredential(strings.Repeat("x", 246), der); err == nil {
			t.Error("no error")
		}
	})
}

func TestACertificateThatCannotBeUsedIsRefused(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, cert := range map[string][]byte{
		"nothing":         nil,
		"text":            []byte("not a certificate"),
		"a key, no cert":  pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")}),
		"not an RSA key":  certificate(t, curve),
		"broken contents": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}),
	} {
		if credential, err := daraja.EncryptCredential("secret", cert); err == nil {
			t.Errorf("%s: got %q", name, credential)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v tells the password", name, err)
		}
	}
}

// certificate is a self-signed certificate with the dates of Safaricom's sandbox, long expired (wire.md §15).
func certificate(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Date(2014, 11, 12, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2016, 11, 11, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

package daraja

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
)

// EncryptCredential makes a SecurityCredential: the initiator's password, encrypted with RSA PKCS#1 v1.5 for the key of the
// host's X.509 certificate, in base64 (wire.md §15). The certificate is PEM or DER. Its dates are not checked: both of
// Safaricom's have expired and are in use. The result differs from call to call and may be used for many requests.
//
// It returns an error for a certificate that can't be read, whose key is not RSA, or whose key is too short for the password.
func EncryptCredential(password string, certPEM []byte) (string, error) {
	key, err := certificateKey(certPEM)
	if err != nil {
		return "", fmt.Errorf("daraja: security credential: %w", err)
	}
	// PKCS#1 v1.5 is deprecated and is what the API demands: "not OAEP" (wire.md §15).
	encrypted, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte(password)) //lint:ignore SA1019 the wire's padding
	if err != nil {
		return "", fmt.Errorf("daraja: security credential: %w", err)
	}
	return base64.StdEncoding.EncodeToString(encrypted), nil
}

// certificateKey finds the RSA key of the first certificate in PEM, or of a certificate in DER.
func certificateKey(data []byte) (*rsa.PublicKey, error) {
	der := data
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			der = block.Bytes
			break
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the certificate's key is not RSA")
	}
	return key, nil
}

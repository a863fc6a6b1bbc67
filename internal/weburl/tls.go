package weburl

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
)

// TLS is what a server showed when the connection was secured.
type TLS struct {
	Version  string // "TLS 1.3"
	Cipher   string
	Took     time.Duration
	Chain    []Certificate // as the server sent it: its own first
	Problems []string      // why the strict profile wouldn't deliver; none: it would
}

// Certificate is what matters of one.
type Certificate struct {
	Subject string
	Issuer  string
	Names   []string // hosts that it is for
	From    time.Time
	Until   time.Time
}

// mostNames bounds the names that are shown of a certificate, and how many of a chain.
const mostNames = 20

// secure makes the connection TLS. Old versions and certificates that nobody trusts are no error here: they are the trial's result.
func (p Prober) secure(ctx context.Context, connection net.Conn, host string, t *Trial) (net.Conn, error) {
	start := time.Now()
	secured := tls.Client(connection, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS10, InsecureSkipVerify: true})
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	state := secured.ConnectionState()
	shown := &TLS{Version: tls.VersionName(state.Version), Cipher: tls.CipherSuiteName(state.CipherSuite), Took: time.Since(start)}
	if state.Version < tls.VersionTLS12 {
		shown.Problems = append(shown.Problems, shown.Version+" is too old: Kivuko speaks TLS 1.2 and 1.3")
	}
	for _, c := range state.PeerCertificates[:min(mostNames, len(state.PeerCertificates))] {
		shown.Chain = append(shown.Chain, certificate(c))
	}
	shown.Problems = append(shown.Problems, p.doubts(state.PeerCertificates, host, start)...)
	t.TLS = shown
	return secured, nil
}

func certificate(c *x509.Certificate) Certificate {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return Certificate{Subject: c.Subject.String(), Issuer: c.Issuer.String(), Names: names[:min(mostNames, len(names))], From: c.NotBefore, Until: c.NotAfter}
}

// doubts are what is wrong with a chain of certificates: each problem by itself, where crypto/x509 stops at the first.
func (p Prober) doubts(chain []*x509.Certificate, host string, now time.Time) (list []string) {
	own := chain[0] // crypto/tls takes no server without one
	if err := own.VerifyHostname(host); err != nil {
		list = append(list, "it is not for this host: "+err.Error())
	}
	within := now // a time at which only the signatures count
	switch {
	case now.After(own.NotAfter):
		list = append(list, fmt.Sprintf("it expired on %s", own.NotAfter.In(clock.EAT).Format(time.DateOnly)))
		within = own.NotAfter
	case now.Before(own.NotBefore):
		list = append(list, fmt.Sprintf("it is valid from %s only", own.NotBefore.In(clock.EAT).Format(time.DateOnly)))
		within = own.NotBefore
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := own.Verify(x509.VerifyOptions{Intermediates: between, Roots: p.Roots, CurrentTime: within})
	unknown, isUnknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case isUnknown && own.Subject.String() == own.Issuer.String():
		list = append(list, "it is signed by itself, so nobody vouches for it")
	case isUnknown && len(chain) == 1:
		list = append(list, fmt.Sprintf("nobody known signed it: is the certificate of %q missing in what the server sends?", own.Issuer.CommonName))
	case isUnknown:
		list = append(list, unknown.Error())
	case err != nil:
		list = append(list, err.Error())
	}
	return list
}

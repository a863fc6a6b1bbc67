package controlapi

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/source"
	"github.com/kivuko/kivuko/internal/weburl"
)

// testCallback tries a URL, and says what the profiles and the documents say of it. A URL that is no URL is a result too.
func (s *server) testCallback(r *request[none, control.CallbackURL]) (*control.CallbackTest, error) {
	callback := r.Body.URL
	if callback == "" || len(callback) > weburl.Longest || !printable(callback) {
		return nil, badField.of("url", "it has to be a URL such as https://example.com/callback, of at most %d characters", weburl.Longest)
	}
	t := s.Prober.Try(r.Context(), callback)
	shown := &control.CallbackTest{URL: callback, Requirements: []control.URLRequirement{}, Addresses: []control.URLAddress{}, Connections: []control.URLConnection{}, Error: t.Error}
	for _, rules := range s.URLRules {
		shown.Verdicts = append(shown.Verdicts, s.verdict(callback, rules, t))
	}
	for _, x := range weburl.Requirements(callback, t) {
		x.Source = source.Title(x.Source)
		shown.Requirements = append(shown.Requirements, control.URLRequirement(x))
	}
	for _, a := range t.Addresses {
		shown.Addresses = append(shown.Addresses, control.URLAddress{Address: a.String(), Public: weburl.Public(a)})
	}
	for _, x := range t.Connections {
		shown.Connections = append(shown.Connections, control.URLConnection{Address: x.Address.String(), TookMS: inMS(x.Took), Error: x.Error})
	}
	if t.TLS != nil {
		shown.TLS = security(t.TLS)
	}
	if a := t.Answer; a != nil {
		shown.Answer = &control.URLAnswer{Status: a.Status, Type: a.Type, Text: string(a.Text), More: a.More, TookMS: inMS(a.Took)}
	}
	return shown, nil
}

// verdict is what a profile makes of a URL: whether the gateway takes it, and whether Kivuko would send anything there.
func (s *server) verdict(callback string, rules weburl.Rules, t weburl.Trial) control.URLVerdict {
	v := control.URLVerdict{Profile: control.Profile(rules.Profile), Runs: rules.Profile == s.Profile}
	if reason := weburl.Check(callback, rules); reason != "" {
		v.Reason = "it " + reason
	} else {
		v.Taken = true
	}
	if rules.PublicOnly && slices.ContainsFunc(t.Addresses, func(a netip.Addr) bool { return !weburl.Public(a) }) {
		v.Problems = append(v.Problems, weburl.ErrPrivate.Error())
	}
	if rules.PublicOnly && t.TLS != nil {
		v.Problems = append(v.Problems, t.TLS.Problems...)
	}
	switch {
	case t.Error == weburl.ErrPrivate.Error(): // the profile that runs kept the trial from connecting, and another one may connect
		v.Untried = !rules.PublicOnly
	case t.Error != "":
		v.Problems = append(v.Problems, t.Error)
	case t.Answer != nil && t.Answer.Status/100 != 2:
		v.Problems = append(v.Problems, fmt.Sprintf("it answers with HTTP %d: only 200 to 299 counts as delivered", t.Answer.Status))
	}
	return v
}

func security(x *weburl.TLS) *control.URLSecurity {
	shown := &control.URLSecurity{Version: x.Version, Cipher: x.Cipher, TookMS: inMS(x.Took), Chain: []control.URLCertificate{}, Problems: x.Problems}
	for _, c := range x.Chain {
		shown.Chain = append(shown.Chain, control.URLCertificate{Subject: c.Subject, Issuer: c.Issuer, Names: c.Names,
			From: control.Time{Time: c.From.In(clock.EAT)}, Until: control.Time{Time: c.Until.In(clock.EAT)}})
	}
	return shown
}

func inMS(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

package seedworld

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// published looks for the sample's secrets.
type published struct {
	store.Reader
	sample *World
	holds  func(password, hash string) (bool, error)

	hashes map[string]bool // which of those that were met are of a published password: to look is slow by design
}

// Published lists the secrets of the sample that are in use in a database, with the command that replaces each. Operators' passwords are
// looked at where the database began with the sample only: elsewhere somebody has chosen them.
func Published(ctx context.Context, read store.Reader, beganWithSample bool, holds func(password, hash string) (bool, error)) ([]string, error) {
	sample, err := Read()
	if err != nil {
		return nil, err
	}
	x := &published{Reader: read, sample: sample, holds: holds, hashes: map[string]bool{"": false}}
	var list []string
	for _, a := range sample.Apps {
		there, err := store.Get(ctx, read, mpesa.Apps, a.Key)
		if err != nil {
			return nil, err
		}
		if there != nil && there.Secret == a.Secret {
			list = append(list, fmt.Sprintf("the secret of the app %s (kivuko app rotate %s)", a.Key, a.Key))
		}
	}
	passkeys, err := x.passkeys(ctx)
	if err != nil {
		return nil, err
	}
	if len(passkeys) > 0 {
		list = append(list, fmt.Sprintf("the passkey of %s (kivuko org set SHORTCODE --passkey new)", someOf(passkeys)))
	}
	if !beganWithSample {
		return list, nil
	}
	names, err := x.usernames(ctx)
	if len(names) > 0 {
		list = append(list, fmt.Sprintf("the passwords of %s (kivuko operator password SHORTCODE USERNAME -)", strings.Join(names, ", ")))
	}
	return list, err
}

const pageOfOrganisations = 1000

// passkeys lists the organisations that have the published passkey.
func (x *published) passkeys(ctx context.Context) (list []mpesa.Shortcode, err error) {
	for after := mpesa.Shortcode(0); ; {
		page, err := store.List(ctx, x.Reader, mpesa.Registry, after, pageOfOrganisations)
		if err != nil {
			return nil, err
		}
		for i := range page {
			if page[i].Passkey == x.sample.Passkey {
				list = append(list, page[i].Shortcode)
			}
		}
		if len(page) < pageOfOrganisations {
			return list, nil
		}
		after = page[len(page)-1].Shortcode
	}
}

// usernames lists what the operators of the sample's organisations are called who have a published password.
func (x *published) usernames(ctx context.Context) (names []string, err error) {
	for _, o := range x.sample.organisations() {
		operators, err := x.Operators(ctx, o.Shortcode)
		if err != nil {
			return nil, err
		}
		for i := range operators {
			known, err := x.known(operators[i].Password)
			if err != nil {
				return nil, err
			}
			if name := operators[i].Username; known && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// known reports whether a hash is of a published password.
func (x *published) known(hash string) (bool, error) {
	if known, met := x.hashes[hash]; met {
		return known, nil
	}
	for password := range x.sample.passwords() {
		known, err := x.holds(password, hash)
		if err != nil || known {
			x.hashes[hash] = known
			return known, err
		}
	}
	x.hashes[hash] = false
	return false, nil
}

// someOf names the first of some shortcodes, and says how many there are besides.
func someOf(list []mpesa.Shortcode) string {
	const named = 3
	var b strings.Builder
	for i, s := range list[:min(len(list), named)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.String())
	}
	if more := len(list) - named; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

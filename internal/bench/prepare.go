package bench

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
)

// sealPassword makes the initiators' SecurityCredential: one serves for all requests (wire.md §15).
func sealPassword(ctx context.Context, server *control.Client) (string, error) {
	certificate, err := server.Certificate(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the certificate: %w", err)
	}
	return daraja.EncryptCredential(initiatorPassword, certificate)
}

// register has the businesses that are asked about payments register their URLs, and switches their validation on.
func register(ctx context.Context, client *daraja.Client, server *control.Client, g *generator) error {
	for _, f := range g.flows {
		if !f.asks {
			continue
		}
		for _, m := range f.merchants {
			_, err := client.RegisterURL(ctx, daraja.RegisterURLRequest{
				ShortCode: strconv.Itoa(m.shortcode), ResponseType: daraja.ResponseCancelled,
				ConfirmationURL: m.callback + "/" + confirmationStep, ValidationURL: m.callback + "/" + validationStep,
			})
			if err != nil {
				return fmt.Errorf("registering the URLs of %d: %w", m.shortcode, err)
			}
			if _, _, err := server.PutOrganisation(ctx, strconv.Itoa(m.shortcode), control.OrganisationChange{Validates: new(true)}); err != nil {
				return fmt.Errorf("switching the validation of %d on: %w", m.shortcode, err)
			}
		}
	}
	return nil
}

// initiated reports whether one of the APIs needs a SecurityCredential.
func initiated(name string) bool { return slices.Contains([]string{B2C, B2B, Mix}, name) }

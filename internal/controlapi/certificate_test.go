package controlapi_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/kivuko/kivuko/internal/controlapi"
)

func TestCertificate(t *testing.T) {
	c := start(t)
	want, err := c.Keys.Certificate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := c.get("/kivuko/v1/certificate")
	if got.status != http.StatusOK || !bytes.Equal(got.body, want) {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestCertificateThatCannotBeMade(t *testing.T) {
	c := start(t, func(o *controlapi.Options) {
		o.Certificate = func(context.Context) ([]byte, error) {
			return nil, errors.New("kivuko.db.credential: permission denied")
		}
	})
	c.get("/kivuko/v1/certificate").refuses(http.StatusInternalServerError, "internal-error", "", "permission denied")
}

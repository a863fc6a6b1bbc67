package control_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/kivuko/kivuko/internal/control"
	"github.com/kivuko/kivuko/internal/control/controltest"
)

func TestCertificate(t *testing.T) {
	got := start(t).get("/kivuko/v1/certificate")
	if got.status != http.StatusOK || string(got.body) != controltest.Certificate {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestCertificateThatCannotBeMade(t *testing.T) {
	c := start(t, func(o *control.Options) {
		o.Certificate = func(context.Context) ([]byte, error) {
			return nil, errors.New("kivuko.db.credential: permission denied")
		}
	})
	c.get("/kivuko/v1/certificate").refuses(http.StatusInternalServerError, "internal-error", "", "permission denied")
}

package controlapi_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestHealth(t *testing.T) {
	var got control.Health
	start(t).get("/kivuko/v1/health").answers(http.StatusOK, &got)
	if diff := cmp.Diff(control.Health{Status: "ok", Version: "test", Now: control.Time{Time: controltest.Start}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHealthSaysWhatIsWrong(t *testing.T) {
	c := start(t, func(o *controlapi.Options) {
		o.Health = func(context.Context) []controlapi.Problem {
			return []controlapi.Problem{{Name: "database", Detail: "disk full"}, {Name: "callbacks", Detail: "9000 wait"}}
		}
	})
	var got control.Problem
	r := c.get("/kivuko/v1/health")
	r.refuses(http.StatusServiceUnavailable, "unhealthy", "", "database: disk full; callbacks: 9000 wait")
	r.answers(http.StatusServiceUnavailable, &got)
	if diff := cmp.Diff([]control.Failure{{Name: "database", Detail: "disk full"}, {Name: "callbacks", Detail: "9000 wait"}}, got.Checks); diff != "" {
		t.Error(diff)
	}
}

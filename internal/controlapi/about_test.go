package controlapi_test

import (
	"net/http"
	"testing"

	"github.com/kivuko/kivuko/control"
)

func TestAboutTellsWhatRuns(t *testing.T) {
	var about control.About
	start(t).get("/kivuko/v1/about").answers(http.StatusOK, &about)
	if about.Version != "test" || about.Database != ":memory:" || about.Now.IsZero() {
		t.Errorf("it says %+v", about)
	}
}

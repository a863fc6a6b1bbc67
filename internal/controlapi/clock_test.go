package controlapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi/controltest"
)

func TestAdvance(t *testing.T) {
	c := start(t)
	want := controltest.Start
	for _, by := range []string{"90s", "1ms", "1h30m", "9600h"} {
		step, err := time.ParseDuration(by)
		if err != nil {
			t.Fatal(err)
		}
		want = want.Add(step)
		var got control.Clock
		c.do(http.MethodPost, "/kivuko/v1/clock/advance", `{"by":"`+by+`"}`).answers(http.StatusOK, &got)
		if !got.Now.Equal(want) {
			t.Errorf("after %s it is %s, want %s", by, got.Now, want)
		}
	}
}

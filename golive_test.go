package kivuko_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/testworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// The journal forgets; what it has shown of an app's test cases stays, and so does how far the app is.
func TestGoingLiveSurvivesARestart(t *testing.T) {
	t.Parallel()
	config := kivuko.Config{DB: filepath.Join(t.TempDir(), "kivuko.db")}
	k := kivukotest.Start(t, config)
	m := testworld.NewMerchant(k.URL(), "http://127.0.0.1:9/callback")
	if a := m.Push(t, testworld.Fields{"Amount": "ten"}); a.Status != http.StatusBadRequest {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	step := control.GoLiveCases{Products: []string{"Lipa Na M-Pesa Production"}, Elsewhere: true, Terms: true}
	before, err := k.Control().PassTests(t.Context(), testworld.Key, step)
	if err != nil {
		t.Fatal(err)
	}
	k.Close()
	after, err := kivukotest.Start(t, config).Control().GoLive(t.Context(), testworld.Key)
	if err != nil || after.Step != control.GoLiveVerification || !after.Elsewhere || !after.Terms.Equal(before.Terms.Time) || !slices.Equal(after.Tests, before.Tests) {
		t.Errorf("got %+v, %v", after, err)
	}
	if i := slices.IndexFunc(after.Tests, func(x control.GoLiveTest) bool { return x.Name == "express-invalid" }); after.Tests[i].Outcome != control.TestPassed {
		t.Errorf("got %+v", after.Tests[i])
	}
}

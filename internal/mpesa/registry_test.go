package mpesa_test

import (
	"reflect"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

func TestAppIsKept(t *testing.T) {
	b := newBench(t)
	app := mpesa.App{Key: "key", Secret: "secret", Name: "Shop", Products: []string{"M-Pesa Sandbox"}, SpikeArrest: 5, Quota: -1}
	b.run(&portal.ChangeApp{Key: "key", Change: func(a *mpesa.App, there bool) error {
		app.Created = a.Created
		*a = app
		return nil
	}})
	if kept := b.apps["key"]; app.Created != b.now.UnixMilli() || !reflect.DeepEqual(kept, app) {
		t.Errorf("kept is %+v", kept)
	}
	gone := &portal.RemoveApp{Key: "key"}
	if b.run(gone); !gone.Found || len(b.apps) != 0 {
		t.Errorf("it is still there: %+v", b.apps)
	}
	if b.run(gone); gone.Found {
		t.Error("it was there twice")
	}
}

// Package testworld is what our own tests need around an M-PESA: a merchant who sends requests, right and wrong ones, a
// collector that receives callbacks and can be told to misbehave, and a core, which is the rules on a running engine without
// anything that answers or delivers by itself.
//
// Nothing here sleeps. What is to come is waited for, with a deadline that only a failing test reaches.
package testworld

import (
	"testing"
	"time"

	"github.com/kivuko/kivuko"
)

// patience is how long a test waits for what should come at once, on a busy machine too. Only failures use it up.
const patience = 5 * time.Second

// Start starts an M-PESA, and closes it when the test ends. It begins with the sample world unless the configuration says otherwise.
func Start(t testing.TB, config kivuko.Config) *kivuko.Kivuko {
	t.Helper()
	if config.World == "" {
		config.World = kivuko.WorldSample
	}
	k, err := kivuko.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return k
}

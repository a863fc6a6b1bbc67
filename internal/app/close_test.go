package app

import (
	"sync"
	"testing"
)

func TestCloseMayBeCalledAgain(t *testing.T) {
	k, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := k.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := k.Close(); err != nil {
		t.Error(err)
	}
}

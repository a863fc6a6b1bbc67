package news_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/kivuko/kivuko/internal/lifecycle"
	"github.com/kivuko/kivuko/internal/lifecycle/lifecycletest"
	"github.com/kivuko/kivuko/internal/news"
)

func TestWhoWatchesHearsWhatHeWatches(t *testing.T) {
	var hub news.Hub
	hub.Publish("phone:1") // nobody hears it
	watch, other := hub.Watch("phone:1", "journal"), hub.Watch("phone:2")
	defer other.Stop()
	for range 3 {
		hub.Publish("journal")
	}
	hub.Publish("phone:1")
	<-watch.News()
	if got := watch.Take(); !slices.Equal(got, []string{"phone:1", "journal"}) {
		t.Errorf("they hear of %v", got)
	}
	if got := watch.Take(); got != nil {
		t.Errorf("they hear of %v again", got)
	}
	if got := other.Take(); got != nil {
		t.Errorf("another hears of %v", got)
	}
	watch.Stop()
	hub.Publish("phone:1")
	if got := watch.Take(); got != nil {
		t.Errorf("after they have stopped they hear of %v", got)
	}
}

func TestNobodyWatching(t *testing.T) {
	var hub news.Hub
	watch := hub.Watch("journal")
	if !hub.Watched() {
		t.Error("somebody watches")
	}
	watch.Stop()
	if hub.Watched() {
		t.Error("nobody watches")
	}
}

func TestNewsThatNobodyWatchesCostNoMemory(t *testing.T) {
	var hub news.Hub
	defer hub.Watch("phone:1").Stop()
	if n := testing.AllocsPerRun(100, func() { hub.Publish("journal") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNoNewsAreLostBetweenThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub news.Hub
		watch := hub.Watch("payments")
		defer watch.Stop()
		var done sync.WaitGroup
		for range 8 {
			done.Go(func() {
				for range 1000 {
					hub.Publish("payments")
					hub.Watch("payments", "journal").Stop() // others come and go
				}
			})
		}
		heard := 0
		finished := make(chan struct{})
		go func() { done.Wait(); close(finished) }()
		for {
			select {
			case <-watch.News():
				heard += len(watch.Take())
				continue
			case <-finished:
			}
			break
		}
		hub.Publish("payments")
		if <-watch.News(); len(watch.Take()) != 1 || heard == 0 {
			t.Error("the last news is lost")
		}
	})
}

func TestWatchesEndWithTheHub(t *testing.T) {
	var hub news.Hub
	watch := hub.Watch("journal")
	lifecycletest.Stop(t, &hub)
	lifecycletest.Stop(t, &hub)
	<-watch.Gone()
	<-hub.Watch("journal").Gone()
	watch.Stop()
}

func TestContract(t *testing.T) {
	lifecycletest.Contract(t, func(testing.TB) lifecycle.Part { return &news.Hub{} })
}

// Package news tells those who watch that something has changed. It says what has changed, not how: who wants to know asks. So a
// watcher who is slow misses nothing and holds up nobody, and news that nobody watches costs next to nothing.
package news

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/kivuko/kivuko/internal/lifecycle"
)

// Hub passes news from those who make it to those who watch. The zero value is ready.
type Hub struct {
	lifecycle.Runner
	watchers atomic.Int64 // len(all), to be asked without the lock

	mu     sync.RWMutex
	topics map[string][]*interest
	all    map[*Watch]struct{}
}

// Watch is somebody's interest in some topics.
type Watch struct {
	hub       *Hub
	interests []*interest
	wake      chan struct{} // holds one signal while there is news
}

// interest is a watch's interest in one topic.
type interest struct {
	topic string
	news  atomic.Bool
	watch *Watch
}

// Watch begins to watch topics. The caller must Stop it.
func (h *Hub) Watch(topics ...string) *Watch {
	w := &Watch{hub: h, wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics == nil {
		h.topics, h.all = map[string][]*interest{}, map[*Watch]struct{}{}
	}
	for _, topic := range topics {
		i := &interest{topic: topic, watch: w}
		w.interests = append(w.interests, i)
		h.topics[topic] = append(h.topics[topic], i)
	}
	h.all[w] = struct{}{}
	h.watchers.Store(int64(len(h.all)))
	return w
}

// News receives a value when there may be news to Take.
func (w *Watch) News() <-chan struct{} { return w.wake }

// Gone is closed when the hub stops: there will be no more news.
func (w *Watch) Gone() <-chan struct{} { return w.hub.Stopping() }

// Take gives the topics that have had news since it was last called, in the order in which they were named.
func (w *Watch) Take() (topics []string) {
	for _, i := range w.interests {
		if i.news.Swap(false) {
			topics = append(topics, i.topic)
		}
	}
	return topics
}

// Stop ends the watch.
func (w *Watch) Stop() {
	h := w.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, i := range w.interests {
		h.drop(i)
	}
	w.interests = nil
	delete(h.all, w)
	h.watchers.Store(int64(len(h.all)))
}

// drop removes an interest. The list is made anew, since it may be read without the lock.
func (h *Hub) drop(gone *interest) {
	var left []*interest
	for _, i := range h.topics[gone.topic] {
		if i != gone {
			left = append(left, i)
		}
	}
	if len(left) == 0 {
		delete(h.topics, gone.topic)
		return
	}
	h.topics[gone.topic] = left
}

// Watched reports whether anybody watches anything: otherwise news need not even be worded.
func (h *Hub) Watched() bool { return h.watchers.Load() > 0 }

// Publish tells those who watch a topic that it has news. It never waits for them.
func (h *Hub) Publish(topic string) {
	if h.Watched() {
		h.publish([]byte(topic))
	}
}

// publish is for callers who word many topics in one buffer: those that nobody watches are not copied.
func (h *Hub) publish(topic []byte) {
	h.mu.RLock()
	interested := h.topics[string(topic)]
	h.mu.RUnlock()
	for _, i := range interested {
		if i.news.Swap(true) {
			continue // they haven't yet taken the last
		}
		select {
		case i.watch.wake <- struct{}{}:
		default:
		}
	}
}

// Start implements lifecycle.Part. News is passed on before, too.
func (h *Hub) Start(ctx context.Context) error {
	return h.Begin(ctx, func(context.Context) error { return nil })
}

// Stop implements lifecycle.Part: it ends all watches, and those that are still to begin.
func (h *Hub) Stop(ctx context.Context) error {
	if h == nil {
		return nil
	}
	return h.End(ctx, nil)
}

package page

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	eventPause = 125 * time.Millisecond // between two flushes: what happens in between is one event a topic
	eventBeat  = 15 * time.Second       // a sign of life on a quiet line
	maxTopics  = 256                    // of one page
)

// events streams news of the topics that are asked for, by server-sent events: each is the name of a topic. See package live.
func (k *Kit) events(w http.ResponseWriter, r *http.Request) {
	topics := r.URL.Query()["topic"]
	if len(topics) == 0 || len(topics) > maxTopics {
		http.Error(w, fmt.Sprintf("name 1 to %d topics", maxTopics), http.StatusBadRequest)
		return
	}
	watch := k.Hub.Watch(topics...)
	defer watch.Stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy in between passes each event on
	line := http.NewResponseController(w)
	_ = line.SetReadDeadline(time.Time{}) // the server's is for requests, and would end the stream
	send := func(text string) bool {
		if !k.letsIn(r) {
			return false // a stream ends with its session
		}
		_, err := w.Write([]byte(text))
		return err == nil && line.Flush() == nil
	}
	if !send("retry: 1000\nevent: ready\ndata:\n\n") {
		return
	}
	beat := time.NewTicker(eventBeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-watch.Gone():
			return
		case <-beat.C:
			if !send(":\n\n") {
				return
			}
		case <-watch.News():
			if !send(worded(watch.Take())) || !pause(r.Context(), eventPause) {
				return
			}
		}
	}
}

func worded(topics []string) string {
	var b strings.Builder
	for _, topic := range topics {
		fmt.Fprintf(&b, "data: %s\n\n", topic)
	}
	return b.String()
}

// pause waits, and tells whether it came to its end before ctx did.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

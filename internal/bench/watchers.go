package bench

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// watcher is a page that somebody has left open: it hears of news by server-sent events, and asks again for the parts of it that they
// are about, as the page's scripts do.
type watcher struct {
	base   string
	client *http.Client
	parts  []*part
	events uint64 // that came
	asked  uint64 // parts
}

// part is an element with data-live.
type part struct {
	id, from string
	topics   []string
	most     time.Duration // between two requests
	rest     time.Duration // after the latest
	next     time.Time
	news     bool
}

// moment is how long a part rests after news that came alone (live.js).
const moment = 250 * time.Millisecond

var (
	liveTag   = regexp.MustCompile(`<[a-z]+ [^>]*\bdata-live="[^"]+"[^>]*>`)
	attribute = regexp.MustCompile(`\b(id|hx-get|data-live|data-live-pause)="([^"]*)"`)
)

// liveParts finds the live parts of a page.
func liveParts(page []byte) (parts []*part) {
	for _, tag := range liveTag.FindAll(page, -1) {
		p := &part{}
		for _, a := range attribute.FindAllSubmatch(tag, -1) {
			switch value := html.UnescapeString(string(a[2])); string(a[1]) {
			case "id":
				p.id = value
			case "hx-get":
				p.from = value
			case "data-live":
				p.topics = strings.Fields(value)
			case "data-live-pause":
				ms, err := strconv.Atoi(value)
				if err == nil {
					p.most = time.Duration(ms) * time.Millisecond
				}
			}
		}
		if p.from != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// watch opens a page.
func watch(ctx context.Context, base, path string) (*watcher, error) {
	w := &watcher{base: base, client: &http.Client{}}
	status, body, err := fetch(ctx, w.client, base+path)
	if err != nil {
		return nil, err
	}
	if w.parts = liveParts(body); status != http.StatusOK || len(w.parts) == 0 {
		return nil, fmt.Errorf("the page %s has nothing live: HTTP %d", path, status)
	}
	return w, nil
}

// run keeps the page open until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	query := url.Values{}
	for _, p := range w.parts {
		for _, topic := range p.topics {
			if !slices.Contains(query["topic"], topic) {
				query.Add("topic", topic)
			}
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/events?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	stream, err := w.client.Do(request)
	if err != nil {
		return ended(ctx, err)
	}
	defer stream.Body.Close()
	topics := make(chan string, 64)
	go func() {
		defer close(topics)
		for s := bufio.NewScanner(stream.Body); s.Scan(); {
			if topic, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				select {
				case topics <- topic:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return w.follow(ctx, topics)
}

// follow asks for what has news, and once more for what has had some while it rested.
func (w *watcher) follow(ctx context.Context, topics <-chan string) error {
	rested := time.NewTicker(100 * time.Millisecond)
	defer rested.Stop()
	for {
		select {
		case topic, more := <-topics:
			if !more {
				return ended(ctx, fmt.Errorf("the stream of events ended"))
			}
			w.events++
			for _, p := range w.parts {
				p.news = p.news || slices.Contains(p.topics, topic)
			}
		case <-rested.C:
		case <-ctx.Done():
			return nil
		}
		if err := w.ask(ctx); err != nil {
			return ended(ctx, err)
		}
	}
}

func (w *watcher) ask(ctx context.Context) error {
	for _, p := range w.parts {
		now := time.Now()
		if now.Before(p.next) {
			continue
		}
		if !p.news {
			p.rest = 0
			continue
		}
		p.rest = min(max(2*p.rest, moment), p.most)
		p.news, p.next = false, now.Add(p.rest)
		w.asked++
		status, _, err := fetch(ctx, w.client, w.base+p.from, "HX-Request", "true", "HX-Target", p.id)
		if err != nil {
			return err
		}
		if status >= http.StatusBadRequest {
			return fmt.Errorf("%s: HTTP %d", p.from, status)
		}
	}
	return nil
}

// ended is nil when somebody has closed the page.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

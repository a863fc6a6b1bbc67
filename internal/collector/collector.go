// Package collector is a merchant's server for those who have none yet: it takes callbacks at URLs of Kivuko's own, says yes to them,
// and shows them. It remembers the latest in memory; deliveries and attempts stand in the books like any other callback.
package collector

import (
	"encoding/base32"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kivuko/kivuko/internal/clock"
)

// Root is where the URLs begin. A box follows.
const Root = "/kivuko/callbacks/"

// What is remembered, at most.
const (
	maxBody = 64 << 10 // bytes of a callback
	maxType = 100      // and of its Content-Type
	maxAll  = 8 << 20  // bytes of all together
	maxBox  = 200      // callbacks of a box
)

// Received is a callback as it came.
type Received struct {
	ID   int64 // counts up from 1 over all boxes
	At   time.Time
	Type string // Content-Type
	Body []byte
}

// Options are what a Collector needs.
type Options struct {
	Clock clock.Clock
	Sign  func(text string) []byte // at least 16 bytes that only this installation can make of a text
	Heard func(box string)         // is called when something came; may be nil
}

// Collector takes callbacks. It implements http.Handler for everything below Root.
type Collector struct {
	Options

	mu    sync.Mutex
	boxes map[string][]Received // oldest first
	order []string              // the box of each that is remembered, oldest first
	bytes int                   // of their bodies
	last  int64
}

// New makes a Collector that remembers nothing yet.
func New(o Options) *Collector { return &Collector{Options: o, boxes: map[string][]Received{}} }

// Box is the name of the box of an app: hard to guess, and the same after a restart and on another node. Anybody who knows it can put
// something into the box, and nobody can make up another: so strangers can't fill the memory.
func (c *Collector) Box(app string) string {
	name := text(c.Sign("box " + app))
	return name + c.seal(name)
}

// seal shows that a box's name was made here.
func (c *Collector) seal(name string) string { return text(c.Sign("seal " + name)) }

// text writes the first ten bytes of a signature as 16 characters.
func text(signature []byte) string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(signature[:10]))
}

// accepted answers each callback. It accepts where the callback asks, as a validation does; others only look at the HTTP status
// (wire.md §6.3, §17).
const accepted = `{"ResultCode":0,"ResultDesc":"Accepted"}`

// ServeHTTP takes a callback.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	box := strings.TrimPrefix(r.URL.Path, Root)
	if half := len(box) / 2; half == 0 || c.seal(box[:half]) != box[half:] {
		http.Error(w, "no such box", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "callbacks are posted", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body is too large, or broke off", http.StatusBadRequest)
		return
	}
	kind := r.Header.Get("Content-Type")
	c.keep(box, Received{At: c.Clock.Now(), Type: strings.ToValidUTF8(kind[:min(len(kind), maxType)], ""), Body: body})
	if c.Heard != nil {
		c.Heard(box)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, accepted) // a client that doesn't read it has gone
}

func (c *Collector) keep(box string, r Received) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	r.ID = c.last
	if len(c.boxes[box]) == maxBox {
		c.forget(box)
	}
	c.boxes[box] = append(c.boxes[box], r)
	c.order = append(c.order, box)
	c.bytes += len(r.Body)
	for c.bytes > maxAll {
		c.forget(c.order[0])
	}
}

// forget drops the oldest of a box.
func (c *Collector) forget(box string) {
	list := c.boxes[box]
	c.bytes -= len(list[0].Body)
	list[0] = Received{} // the list's beginning stays in memory
	if c.boxes[box] = list[1:]; len(list) == 1 {
		delete(c.boxes, box)
	}
	for i, b := range c.order {
		if b == box {
			c.order = append(c.order[:i], c.order[i+1:]...)
			return
		}
	}
}

// List gives what came to a box, newest first: at most limit, with IDs above after. The caller must not change the bodies.
func (c *Collector) List(box string, after int64, limit int) (list []Received) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.boxes[box]
	for i := len(all) - 1; i >= 0 && all[i].ID > after && len(list) < limit; i-- {
		list = append(list, all[i])
	}
	return list
}

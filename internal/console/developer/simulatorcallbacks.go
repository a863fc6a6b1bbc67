package developer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

// shownCallbacks is how many callbacks the simulator shows.
const shownCallbacks = 20

// collectedPart is the callbacks that come to an app's own URL, and those of one payment that go elsewhere.
type collectedPart struct {
	App       string
	Payment   int64 // 0: none
	Topics    string
	URL       string
	Received  []control.Received // newest first
	Elsewhere []control.Callback
}

// Path is where the part asks again.
func (c *collectedPart) Path() string {
	path := "/developer/collected?app=" + c.App
	if c.Payment != 0 {
		path += "&payment=" + strconv.FormatInt(c.Payment, 10)
	}
	return path
}

func (s *simulatorPage) collect(q *page.Request) (err error) {
	s.Collected, err = readCollected(q, s.App.Key, s.Payment)
	return err
}

func readCollected(q *page.Request, app string, p *control.Payment) (collectedPart, error) {
	got, err := q.API().Collected(q.HTTP.Context(), app, 0, shownCallbacks)
	if err != nil {
		return collectedPart{}, err
	}
	c := collectedPart{App: app, Topics: got.Topic, URL: got.URL, Received: got.Callbacks}
	if p == nil {
		return c, nil
	}
	c.Payment = p.ID
	c.Topics += " payment:" + strconv.FormatInt(p.ID, 10)
	c.Elsewhere = slices.DeleteFunc(p.Callbacks, func(x control.Callback) bool { return c.URL != "" && strings.HasPrefix(x.URL, c.URL) })
	return c, nil
}

// showCollected shows the part anew.
func showCollected(q *page.Request) error {
	var p *control.Payment
	var err error
	if id := q.Value("payment"); id != "" {
		if p, err = q.API().Payment(q.HTTP.Context(), id); err != nil {
			return err
		}
	}
	c, err := readCollected(q, q.Value("app"), p)
	if err != nil {
		return err
	}
	return q.Fragment("simulator", "collected", &simulatorPage{Collected: c})
}

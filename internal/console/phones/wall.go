package phones

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// wall is which handsets hang there, in order. It is part of the URL, so that each tab of a browser has a wall of its own, and one can
// be sent to somebody; a cookie remembers the last.
type wall []string

const (
	wallCookie = "kivuko-phones"
	wallKept   = 365 * 24 * 60 * 60 // seconds
	maxWall    = 200                // phones
	firstWall  = 2                  // phones, of those that the world starts with
)

// readWall reads which phones are asked for: by the URL, or else by the cookie. known is false when neither says.
func readWall(q *page.Request) (w wall, known bool) {
	if on := q.HTTP.URL.Query()["on"]; len(on) > 0 {
		return parseWall(strings.Join(on, ",")), true
	}
	c, err := q.HTTP.Cookie(wallCookie)
	if err != nil {
		return nil, false
	}
	return parseWall(strings.ReplaceAll(c.Value, ".", ",")), true
}

// parseWall takes the numbers out of a text. What is none, and what is there twice, it leaves out.
func parseWall(text string) wall {
	w := wall{}
	for _, written := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		n, err := msisdn.ParseLoose(written)
		if err == nil && len(w) < maxWall && !slices.Contains(w, n.String()) {
			w = append(w, n.String())
		}
	}
	return w
}

// URL shows the wall.
func (w wall) URL() string { return "/phones?on=" + strings.Join(w, ",") }

// With is the wall with a phone more.
func (w wall) With(number string) wall {
	if slices.Contains(w, number) {
		return w
	}
	return append(slices.Clone(w), number)
}

// Without is the wall with a phone less.
func (w wall) Without(number string) wall {
	return slices.DeleteFunc(slices.Clone(w), func(n string) bool { return n == number })
}

// AddURL shows what can be put on the wall.
func (w wall) AddURL() string { return "/phones/add?on=" + url.QueryEscape(strings.Join(w, ",")) }

func (w wall) remember(q *page.Request) {
	q.SetCookie(http.Cookie{Name: wallCookie, Value: strings.Join(w, "."), Path: "/phones", MaxAge: wallKept})
}

// wallView is what the wall's page shows.
type wallView struct {
	Wall     wall
	Handsets []*handset
	Gone     []string // numbers that are no customer's
	Single   bool     // it is the page of one phone
	Holder   string   // under which the page holds the phones
}

// showWall shows the wall. Without any word of what is to be on it, it begins with the first of the sample's customers, or of
// all.
func (r *room) showWall(q *page.Request) error {
	w, known := readWall(q)
	if !known {
		tables, err := r.catalogue(q)
		if err != nil {
			return err
		}
		for _, c := range tables.Customers[:min(firstWall, len(tables.Customers))] {
			w = append(w, c.Number)
		}
		if len(w) == 0 {
			list, err := q.API().Phones(q.HTTP.Context(), control.ListQuery{Limit: firstWall})
			if err != nil {
				return err
			}
			for _, p := range list.Items {
				w = append(w, p.MSISDN)
			}
		}
	}
	holder := r.take(q, w)
	v, err := r.hang(q, w)
	if err != nil {
		return err
	}
	v.Holder = holder
	w.remember(q)
	return q.Show("wall", v)
}

// atOnce is how many phones of a wall are read, or held, at a time. The engine keeps those that come together in one commit.
const atOnce = 8

// each calls a function for each of n phones, some at a time.
func each(n int, do func(i int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(atOnce, n) {
		workers.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}

// hang reads the phones of a wall.
func (r *room) hang(q *page.Request, w wall) (*wallView, error) {
	if _, err := r.catalogue(q); err != nil {
		return nil, err
	}
	q.API() // makes the client that all share
	handsets, problems := make([]*handset, len(w)), make([]error, len(w))
	messages := min(wallMessages, max(1, wholeWall/max(1, len(w))))
	each(len(w), func(i int) { handsets[i], problems[i] = r.read(q, w[i], messages) })
	v := &wallView{Wall: w}
	for i, number := range w {
		if p, ok := errors.AsType[*control.Problem](problems[i]); ok && p.Status == http.StatusNotFound {
			v.Gone = append(v.Gone, number)
			continue
		}
		if problems[i] != nil {
			return nil, problems[i]
		}
		handsets[i].Away = w.Without(number).URL()
		v.Handsets = append(v.Handsets, handsets[i])
	}
	return v, nil
}

// showPhone shows one phone on a page of its own.
func (r *room) showPhone(q *page.Request) error {
	holder := r.take(q, wall{q.Value("msisdn")})
	h, err := r.read(q, q.Value("msisdn"), aloneMessages)
	if err != nil {
		return err
	}
	return showSingle(q, h, holder)
}

func showSingle(q *page.Request, h *handset, holder string) error {
	h.Alone = true
	return q.Show("wall", &wallView{Handsets: []*handset{h}, Single: true, Holder: holder})
}

// taken is how long the phones of a page are held that may still be on its way: then its script says so.
const taken = 30 // seconds

// take holds the phones of a page before the page is sent, so that there is no moment between it and the page whose place it takes. When
// that fails, the page's script tells so, which holds them again.
func (r *room) take(q *page.Request, numbers []string) (holder string) {
	holder = page.Unique()
	if q.HTTP.Method == http.MethodGet {
		_ = r.say(q, numbers, map[string]any{"seconds": taken, "holder": holder})
	}
	return holder
}

// hold says that the phones of a page are held, or put down.
func (r *room) hold(q *page.Request) error {
	f := q.Form()
	numbers := f.All("number")
	if len(numbers) > maxWall {
		numbers = numbers[:maxWall]
	}
	return r.say(q, numbers, f.Fields("seconds:number", "holder"))
}

// say tells the control API of a hold of each of some phones. A number that is no customer's is left out.
func (r *room) say(q *page.Request, numbers []string, hold map[string]any) error {
	q.API() // makes the client that all share
	problems := make([]error, len(numbers))
	each(len(numbers), func(i int) {
		err := q.Call(http.MethodPost, "phones/"+url.PathEscape(numbers[i])+"/hold", hold, new(control.Phone))
		if p, ok := errors.AsType[*control.Problem](err); !ok || p.Status != http.StatusNotFound {
			problems[i] = err
		}
	})
	return errors.Join(problems...)
}

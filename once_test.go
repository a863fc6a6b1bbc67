package kivuko_test

import (
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/pgtest"
)

// reply is what a request that moves money is answered with.
type reply struct {
	status   int
	replayed string
	body     string
}

// deposit asks a node for a deposit with a key.
func deposit(t *testing.T, k node, key, body string) (a reply) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, k.URL()+control.Root+"phones/"+customer+"/deposit", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return a
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(control.IdempotencyHeader, key)
	return answered(t, r)
}

// sendForm sends money by the form of a node's console that a page had.
func sendForm(t *testing.T, k node, once string) reply {
	t.Helper()
	form := url.Values{"to": {friend}, "amount": {"321"}, "pin": {"1234"}, "confirmed": {"1"}, "_once": {once}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, k.URL()+"/phones/"+customer+"/menu/send", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return answered(t, r)
}

func answered(t *testing.T, r *http.Request) (a reply) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return a
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return reply{resp.StatusCode, resp.Header.Get(control.ReplayedHeader), string(text)}
}

// A key has money move once on any node, at the same time too, and after a restart; so has a form of the console (docs/outcomes.md).
func TestAKeyHoldsOnAllNodesAndAfterARestart(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		db    func() string
		nodes int // of SQLite there is one
	}{
		"PostgreSQL": {func() string { return pgtest.Start(t).Database(t) }, 2},
		"SQLite":     {func() string { return filepath.Join(t.TempDir(), "kivuko.db") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			config := kivuko.Config{Listen: "127.0.0.1:0", DB: x.db()}
			nodes := starts(t, config, x.nodes)
			replies := make(chan reply, 8)
			var all sync.WaitGroup
			for i := range cap(replies) {
				all.Go(func() { replies <- deposit(t, nodes[i%len(nodes)], "refund-17", `{"amount":100}`) })
			}
			all.Wait()
			close(replies)
			first, firsts := reply{}, 0
			for a := range replies {
				if a.replayed == "" {
					firsts++
				}
				if first.body == "" {
					first = a
				}
				if a.status != http.StatusOK || a.body != first.body {
					t.Errorf("HTTP %d: %s; another one got %s", a.status, a.body, first.body)
				}
			}
			if firsts != 1 {
				t.Errorf("%d of 8 answers are first ones", firsts)
			}
			keyHolds(t, nodes, first.body)
			for _, k := range nodes {
				if a := sendForm(t, k, "a form's own"); a.status != http.StatusOK {
					t.Errorf("HTTP %d: %s", a.status, a.body)
				}
			}
			for _, k := range nodes {
				if err := k.close(); err != nil {
					t.Fatal(err)
				}
			}
			nodes = starts(t, config, x.nodes)
			keyHolds(t, nodes, first.body)
			sendForm(t, nodes[0], "a form's own")
			for kind, want := range map[control.Kind]int{"deposit": 1, "send": 1} {
				n := 0
				page, err := nodes[0].Control().Payments(t.Context(), control.PaymentFilter{Limit: 100, Kind: kind, Phone: customer})
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range page.Items {
					if p.Amount == 100_00 && kind == "deposit" || p.Amount == 321_00 {
						n++
					}
				}
				if n != want {
					t.Errorf("%d payments of the kind %s were made", n, kind)
				}
			}
		})
	}
}

// node is a Kivuko that is closed at the end of the test at the latest.
type node struct {
	*kivuko.Kivuko
	close func() error
}

// starts starts some nodes on one database.
func starts(t *testing.T, config kivuko.Config, n int) (nodes []node) {
	t.Helper()
	for range n {
		k, err := kivuko.Start(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		n := node{k, sync.OnceValue(k.Close)}
		t.Cleanup(func() {
			if err := n.close(); err != nil {
				t.Error(err)
			}
		})
		nodes = append(nodes, n)
	}
	return nodes
}

// keyHolds checks that a key which was used gives the first answer again, and refuses another request.
func keyHolds(t *testing.T, nodes []node, first string) {
	t.Helper()
	for _, k := range nodes {
		if a := deposit(t, k, "refund-17", `{"amount":100}`); a.status != http.StatusOK || a.replayed != "true" || a.body != first {
			t.Errorf("HTTP %d, replayed %q: %s; the first answer is %s", a.status, a.replayed, a.body, first)
		}
		if a := deposit(t, k, "refund-17", `{"amount":101}`); a.status != http.StatusConflict {
			t.Errorf("another request with the key: HTTP %d: %s", a.status, a.body)
		}
	}
}

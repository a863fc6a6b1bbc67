package postgres

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/pgtest"
)

// One of several hosts that stands still costs no connection any time: the others are asked at once.
func TestAHostThatStandsStillIsPassedOver(t *testing.T) {
	still, lively := pgtest.StartWith(t, pgtest.Options{}), pgtest.StartWith(t, pgtest.Options{})
	one, other := still.Relay(t).URL(still.Database(t)), lively.Relay(t).URL(lively.Database(t)) // both names are test_1
	thaw := still.Freeze(t)
	for _, url := range []string{hosts(t, one, other), hosts(t, other, one)} {
		start := time.Now()
		s := open(t, url)
		for range 3 {
			if err := addACent(t, s, func() {}); err != nil {
				t.Error(err)
			}
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			s.units.Reset()
			s.pool.Reset()
		}
		if took := time.Since(start); took > 5*time.Second { // of each connection it would be dialLimit
			t.Errorf("eight connections took %v", took)
		}
	}
	thaw()
}

// hosts is a URL that names the hosts of several.
func hosts(t *testing.T, urls ...string) string {
	t.Helper()
	var list []string
	for _, x := range urls {
		u, err := url.Parse(x)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, u.Host)
	}
	return strings.Replace(urls[0], list[0], strings.Join(list, ","), 1)
}

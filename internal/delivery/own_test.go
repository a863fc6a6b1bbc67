package delivery_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/kivukotest"
)

// ownBench has a sender whose own process listens where a collector does, and takes callbacks below /box/.
func ownBench(t *testing.T, c *kivukotest.Collector) *bench {
	t.Helper()
	return newBench(t, settings{
		options: func(o *delivery.Options) {
			o.Own, o.OwnPaths = netip.MustParseAddrPort(strings.TrimPrefix(c.URL, "http://")), "/box/"
		},
		before: func(c *delivery.Sender) {
			c.Resolve(resolver(t, map[string]net.IP{"kivuko.test": net.IPv4(127, 0, 0, 1)}))
		},
	})
}

// A callback comes from this machine, which the control API trusts. So whatever a merchant's URL leads to, Kivuko doesn't call itself.
func TestCallbacksDoNotReachTheOwnListener(t *testing.T) {
	c := kivukotest.Collect(t)
	b := ownBench(t, c)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(c.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "kivuko.test"} {
		for _, scheme := range []string{"http://", "https://"} {
			d := b.over(t, b.owe(t, scheme+host+":"+port+"/kivuko/v1/apps/kivuko-key/rotate", "cancel"))
			if d.State != mpesa.GivenUp || len(d.Attempts) != 1 || !strings.HasPrefix(d.Attempts[0].Error, "Kivuko does not call itself") {
				t.Errorf("%s%s: %+v", scheme, host, d)
			}
		}
	}
	if left := c.Left(); len(left) != 0 {
		t.Errorf("it received %v", left)
	}
}

// The collector's URLs are the exception, and its connections are not used for others.
func TestCallbacksReachTheOwnCollectorOnly(t *testing.T) {
	c := kivukotest.Collect(t)
	b := ownBench(t, c)
	for range 2 {
		want(t, b.over(t, b.owe(t, c.URL+"/box/1", "cancel")), mpesa.Delivered, answered(200))
		c.At(t, "/box/1")
		for _, path := range []string{"/metrics", "/box/../metrics", "/box", "/box/%2e%2e/metrics"} {
			d := b.over(t, b.owe(t, c.URL+path, "cancel"))
			if d.State != mpesa.GivenUp || !strings.HasPrefix(d.Attempts[0].Error, "Kivuko does not call itself") {
				t.Errorf("%s: %+v", path, d)
			}
		}
	}
	c.AnswerAt("/box/1", kivukotest.Redirect("/metrics"))
	want(t, b.over(t, b.owe(t, c.URL+"/box/1", "cancel")), mpesa.GivenUp, answered(307))
	c.At(t, "/box/1")
	if left := c.Left(); len(left) != 0 {
		t.Errorf("it received %v", left)
	}
}

package delivery_test

import (
	"net"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/kivukotest"
)

const private = "the URL's host has a private address, which the strict profile doesn't connect to"

func strict(o *delivery.Options) { o.PublicOnly = true }

// A name is looked at when it is connected to: what it led to when the URL was checked says nothing.
func TestStrictProfileConnectsToPublicAddressesOnly(t *testing.T) {
	c := kivukotest.Collect(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(c.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, settings{options: strict, before: func(c *delivery.Sender) {
		c.Resolve(resolver(t, map[string]net.IP{"rebound.test": net.IPv4(127, 0, 0, 1), "six.test": net.IPv6loopback, "cloud.test": net.IPv4(169, 254, 169, 254)}))
	}})
	for _, host := range []string{"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "rebound.test", "six.test", "cloud.test", "10.0.0.1", "192.168.1.1"} {
		for _, scheme := range []string{"http://", "https://"} {
			want(t, b.over(t, b.owe(t, scheme+host+":"+port+"/callback", "cancel")), mpesa.GivenUp, unanswered(private))
		}
	}
	if left := c.Left(); len(left) != 0 {
		t.Errorf("the collector received %v", left)
	}
}

func TestStrictProfileChecksCertificates(t *testing.T) {
	c := kivukotest.CollectTLS(t)
	b := newBench(t, settings{options: strict, before: (*delivery.Sender).Everywhere})
	d := b.over(t, b.owe(t, c.URL, "cancel"))
	if d.State != mpesa.GivenUp || !strings.Contains(d.Attempts[0].Error, "certificate") || len(c.Left()) != 0 {
		t.Errorf("a server with a certificate that nobody signed got it: %+v", d)
	}
}

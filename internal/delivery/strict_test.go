package delivery_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/delivery"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/testworld"
)

const private = "the URL's host has a private address, which the strict profile doesn't connect to"

func strict(o *delivery.Options) { o.PublicOnly = true }

// A name is looked at when it is connected to: what it led to when the URL was checked says nothing.
func TestStrictProfileConnectsToPublicAddressesOnly(t *testing.T) {
	c := testworld.Collect(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(c.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, settings{options: strict, before: func(c *delivery.Couriers) {
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

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"196.201.212.69": true, "8.8.8.8": true, "1.1.1.1": true, "100.63.255.255": true, "100.128.0.1": true, "172.15.0.1": true, "172.32.0.1": true, "223.255.255.254": true,
		"2606:4700::1111": true, "2c0f:fe38::1": true,
		"127.0.0.1": false, "127.255.255.254": false, "0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.0.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "100.100.100.200": false, "192.0.0.8": false, "198.18.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "fc00::1": false, "fd12::1": false, "fe80::1": false, "fec0::1": false, "ff02::1": false,
		"64:ff9b::7f00:1": false, "64:ff9b:1::a00:1": false, "2002:7f00:1::": false, "2001::1": false,
	} {
		if got := delivery.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is public: %v", text, got)
		}
	}
}

func TestStrictProfileChecksCertificates(t *testing.T) {
	c := testworld.CollectTLS(t)
	b := newBench(t, settings{options: strict, before: (*delivery.Couriers).Everywhere})
	d := b.over(t, b.owe(t, c.URL, "cancel"))
	if d.State != mpesa.GivenUp || !strings.Contains(d.Attempts[0].Error, "certificate") || len(c.Left()) != 0 {
		t.Errorf("a server with a certificate that nobody signed got it: %+v", d)
	}
}

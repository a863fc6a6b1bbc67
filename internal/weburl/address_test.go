package weburl_test

import (
	"net/netip"
	"testing"

	"github.com/kivuko/kivuko/internal/weburl"
)

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"196.201.212.69": true, "8.8.8.8": true, "1.1.1.1": true, "100.63.255.255": true, "100.128.0.1": true, "172.15.0.1": true, "172.32.0.1": true, "223.255.255.254": true,
		"2606:4700::1111": true, "::ffff:8.8.8.8": true, "2c0f:fe38::1": true,
		"127.0.0.1": false, "127.255.255.254": false, "0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.0.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "100.100.100.200": false, "192.0.0.8": false, "198.18.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "fc00::1": false, "fd12::1": false, "fe80::1": false, "fec0::1": false, "ff02::1": false,
		"::ffff:10.1.2.3": false, "::ffff:100.64.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::a00:1": false, "2002:7f00:1::": false, "2001::1": false,
	} {
		if got := weburl.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is public: %v", text, got)
		}
	}
}

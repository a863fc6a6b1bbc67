package weburl_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/kivuko/kivuko/internal/weburl"
)

func TestOwnListenerIsFoundAtEachOfItsAddresses(t *testing.T) {
	everywhere := []string{"127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1", "::ffff:0.0.0.0"}
	list, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		ip := netip.MustParsePrefix(a.String()).Addr()
		if everywhere = append(everywhere, ip.String()); ip.Is4() {
			everywhere = append(everywhere, netip.AddrFrom16(ip.As16()).String())
		}
	}
	others := []string{"192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"}
	for own, reached := range map[string][]string{
		"0.0.0.0": everywhere, "::": everywhere,
		"127.0.0.1":   {"127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::"},
		"::1":         {"::1", "0.0.0.0", "::"},
		"192.0.2.9":   {"192.0.2.9", "::ffff:192.0.2.9"},
		"fe80::9%eth": {"fe80::9", "fe80::9%other"},
	} {
		r := weburl.Reach{Own: netip.AddrPortFrom(netip.MustParseAddr(own), 7270)}
		for _, ip := range reached {
			if to := netip.AddrPortFrom(netip.MustParseAddr(ip), 7270); !r.IsOwn(to) {
				t.Errorf("%s leads past the listener on %s", to, own)
			}
			if to := netip.AddrPortFrom(netip.MustParseAddr(ip), 7271); r.IsOwn(to) {
				t.Errorf("%s leads to the listener on %s:7270", to, own)
			}
		}
		for _, ip := range others {
			if to := netip.AddrPortFrom(netip.MustParseAddr(ip), 7270); r.IsOwn(to) {
				t.Errorf("%s leads to the listener on %s", to, own)
			}
		}
	}
	if (weburl.Reach{}).IsOwn(netip.MustParseAddrPort("127.0.0.1:0")) {
		t.Error("a process without a listener finds its own")
	}
}

func TestOnlySomePathsOfTheOwnListenerAreCalled(t *testing.T) {
	own := netip.MustParseAddrPort("127.0.0.1:7270")
	for path, want := range map[string]bool{
		"/kivuko/callbacks/box": true, "/kivuko/callbacks": false, "/kivuko/callbacks/../v1/apps/key/rotate": false, "/kivuko/callbacks//../v1": false,
		"/kivuko/v1/callbacks/7/resend": false, "/metrics": false, "/": false, "": false, "/mpesa/stkpush/v1/processrequest": false, "/kivuko//callbacks/box": false,
	} {
		r := weburl.Reach{Own: own, OwnPaths: "/kivuko/callbacks/"}
		if got := r.Check(own, path); (got == nil) != want {
			t.Errorf("%q: %v", path, got)
		}
		if r.OwnPaths = ""; r.Check(own, path) == nil {
			t.Errorf("%q is called where no path may be", path)
		}
	}
}

package access_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/access"
)

// request is a program's on this machine, but for what changes it.
func request(change func(r *http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:7070"
	change(r)
	return r
}

func networks(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// said is what a door says: nil is -1.
func said(r *access.Refusal) access.Reason {
	if r == nil {
		return -1
	}
	return r.Reason
}

func TestADoorWithoutAPasswordIsForThisMachine(t *testing.T) {
	const in = access.Reason(-1)
	closed := &access.Door{}
	open := &access.Door{Names: []string{"kivuko", "Pay.example"}, Trust: networks("172.17.0.0/16", "fd00::/8"), Addresses: true}
	from := func(address string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = address } }
	host := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	with := func(pairs ...string) func(*http.Request) {
		return func(r *http.Request) {
			for i := 0; i < len(pairs); i += 2 {
				r.Header.Set(pairs[i], pairs[i+1])
			}
		}
	}
	for name, x := range map[string]struct {
		change       func(*http.Request)
		closed, open access.Reason
	}{
		"a program":                {func(*http.Request) {}, in, in},
		"IPv6":                     {from("[::1]:50000"), in, in},
		"IPv4 in IPv6":             {from("[::ffff:127.0.0.1]:50000"), in, in},
		"another machine":          {from("192.168.1.7:50000"), access.FromElsewhere, access.FromElsewhere},
		"a container":              {from("172.17.0.5:50000"), access.FromElsewhere, in},
		"a container's IPv6":       {from("[fd00::5]:50000"), access.FromElsewhere, in},
		"nonsense":                 {from("@"), access.FromElsewhere, access.FromElsewhere},
		"HTTP/1.0, as of a proxy":  {func(r *http.Request) { r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.0", 1, 0 }, access.FromElsewhere, access.FromElsewhere},
		"capitals":                 {host("LocalHost:7070"), in, in},
		"a dot":                    {host("localhost.:7070"), in, in},
		"loopback":                 {host("127.8.9.1:7070"), in, in},
		"IPv6 loopback":            {host("[::1]:7070"), in, in},
		"its name":                 {host("kivuko:7070"), access.ForOtherHost, in},
		"its other name":           {host("pay.EXAMPLE"), access.ForOtherHost, in},
		"an address":               {host("192.168.1.2:7070"), access.ForOtherHost, in},
		"any address":              {host("0.0.0.0:7070"), access.ForOtherHost, access.ForOtherHost},
		"any IPv6 address":         {host("[::]:7070"), access.ForOtherHost, access.ForOtherHost},
		"a rebound name":           {host("evil.example:7070"), access.ForOtherHost, access.ForOtherHost},
		"one that begins well":     {host("localhost.evil.example"), access.ForOtherHost, access.ForOtherHost},
		"one that looks like IP":   {host("127.0.0.1.evil.example"), access.ForOtherHost, access.ForOtherHost},
		"decimal":                  {host("2130706433:7070"), access.ForOtherHost, access.ForOtherHost},
		"short":                    {host("127.1:7070"), access.ForOtherHost, access.ForOtherHost},
		"none":                     {host(""), access.ForOtherHost, access.ForOtherHost},
		"Daraja's":                 {host("sandbox.safaricom.co.ke"), access.ForOtherHost, access.ForOtherHost},
		"its own page":             {with("Origin", "http://localhost:7070", "Sec-Fetch-Site", "same-origin"), in, in},
		"typed in":                 {with("Sec-Fetch-Site", "none"), in, in},
		"another site":             {with("Sec-Fetch-Site", "cross-site"), access.FromOtherOrigin, access.FromOtherOrigin},
		"a sibling":                {with("Sec-Fetch-Site", "same-site"), access.FromOtherOrigin, access.FromOtherOrigin},
		"another port":             {with("Origin", "http://localhost:3000"), access.FromOtherOrigin, access.FromOtherOrigin},
		"nobody's origin":          {with("Origin", "null"), access.FromOtherOrigin, access.FromOtherOrigin},
		"a link of another site's": {func(r *http.Request) { r.Method = http.MethodGet; r.Header.Set("Sec-Fetch-Site", "cross-site") }, in, in},
		"a courier":                {with(access.CourierHeader, "1"), access.FromCourier, access.FromCourier},
		"a courier, empty":         {with(access.CourierHeader, ""), access.FromCourier, access.FromCourier},
	} {
		for door, want := range map[*access.Door]access.Reason{closed: x.closed, open: x.open} {
			if got := door.Refuse(request(x.change), nil); said(got) != want {
				t.Errorf("%s, open %t: %v; want %d", name, door == open, got, want)
			}
		}
	}
}

// forwarded are headers of proxies, load balancers and tunnels.
var forwarded = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Prefix", "X-Forwarded",
	"X-Real-Ip", "Via", "Cf-Connecting-Ip", "Cf-Ray", "Cf-Ipcountry", "Cf-Visitor", "True-Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "Fastly-Client-Ip", "Fly-Client-Ip",
	"Cdn-Loop", "X-Original-Forwarded-For", "X-Original-Host", "X-Envoy-External-Address", "X-Amzn-Trace-Id", "X-Azure-Clientip", "X-Appengine-Remote-Addr", "X-Arr-Ssl", "Client-Ip",
	"Forwarded-For", "Proxy-Client-Ip", "Wl-Proxy-Client-Ip", "X-Remote-Ip", "X-Originating-Ip", "X-Host", "X-Scheme", "X-Rewrite-Url", "Tailscale-User-Login", "Ngrok-Trace-Id", "X-Vercel-Id",
	"X-Amz-Cf-Id", "X-Akamai-Edgescape", "Incap-Client-Ip", "X-Nf-Client-Connection-Ip", "Cloudfront-Viewer-Address", "Do-Connecting-Ip", "X-Real-Client-Addr", "Remote-User", "Rndr-Id",
	"X-Sucuri-Clientip", "X-Cluster-Client-Ip-2", "X-ProxyUser-Ip", "Remote-Addr", "X-Somebody-New-Client-Ip", "X-Somebody-Forwarded-User", "X-Varnish"}

func TestAForwardedRequestIsNotFromHere(t *testing.T) {
	var spellings []string
	for _, header := range forwarded {
		spellings = append(spellings, header, strings.ReplaceAll(header, "-", "_"), strings.ReplaceAll(strings.ToLower(header), "-", "_"))
	}
	for _, header := range spellings {
		for _, value := range []string{"127.0.0.1", ""} {
			r := request(func(r *http.Request) { r.Header[header] = []string{value} })
			for _, door := range []*access.Door{{}, {Trust: networks("127.0.0.0/8"), Proxies: networks("127.0.0.0/8")}} {
				if got := door.Refuse(r, nil); said(got) != access.FromElsewhere {
					t.Errorf("%s %q: %v", header, value, got)
				}
			}
		}
	}
	for _, header := range []string{"Accept", "Authorization", "User-Agent", "X-Request-Id", "Traceparent", "Content-Type", "X-Requested-With", "Accept-Encoding", "Accept-Language", "Cache-Control",
		"Content-Length", "Cookie", "Dnt", "Idempotency-Key", "If-None-Match", "Kivuko-Operator", "Last-Event-Id", "Pragma", "Priority", "Range", "Referer", "Sec-Ch-Ua",
		"Sec-Gpc", "Te", "Tracestate", "Upgrade-Insecure-Requests", "X-B3-Traceid", "X-Correlation-Id", "X-Http-Method-Override", "Hx-Request", "Hx-Current-Url"} {
		if got := (&access.Door{}).Refuse(request(func(r *http.Request) { r.Header.Set(header, "x") }), nil); got != nil {
			t.Errorf("%s: %v", header, got)
		}
	}
}

func TestADoorWithAPasswordAsksEverybody(t *testing.T) {
	door := &access.Door{Password: access.NewPassword("bahari"), Trust: networks("127.0.0.0/8"), Names: []string{"kivuko"}}
	wrong := errors.New("wrong")
	for _, from := range []string{"127.0.0.1:50000", "[::1]:50000", "192.168.1.7:50000"} {
		for _, host := range []string{"localhost:7070", "kivuko", "evil.example"} {
			r := request(func(r *http.Request) { r.RemoteAddr, r.Host = from, host })
			if got := door.Refuse(r, func() error { return wrong }); said(got) != access.NotKnown {
				t.Errorf("%s to %s: %v", from, host, got)
			}
			if got := door.Refuse(r, func() error { return nil }); got != nil {
				t.Errorf("%s to %s, who knows it: %v", from, host, got)
			}
			r.Header.Set(access.CourierHeader, "1")
			if got := door.Refuse(r, func() error { return nil }); said(got) != access.FromCourier {
				t.Errorf("a callback that knows it: %v", got)
			}
		}
	}
}

// The Daraja API is for programs anywhere, and for no page.
func TestPagesDoNotCallTheDarajaAPI(t *testing.T) {
	const in = access.Reason(-1)
	plain, named := &access.Door{}, &access.Door{Names: []string{"kivuko"}}
	secret, both := &access.Door{Password: access.NewPassword("bahari")}, &access.Door{Password: access.NewPassword("bahari"), Names: []string{"kivuko"}}
	for host, want := range map[string][4]access.Reason{ // plain, named, with a password, with both
		"localhost:7070":          {in, in, in, in},
		"127.0.0.1:7070":          {in, in, in, in},
		"sandbox.safaricom.co.ke": {in, in, in, in},
		"api.safaricom.co.ke:443": {in, in, in, in},
		"kivuko:7070":             {access.ForOtherHost, in, in, in},
		"evil.example:7070":       {access.ForOtherHost, access.ForOtherHost, in, access.ForOtherHost},
		"":                        {access.ForOtherHost, access.ForOtherHost, in, access.ForOtherHost},
	} {
		for i, door := range []*access.Door{plain, named, secret, both} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				r := request(func(r *http.Request) { r.Host, r.Method, r.RemoteAddr = host, method, "203.0.113.9:4000" })
				r.Header.Set("X-Forwarded-For", "203.0.113.10") // a proxy may stand before it
				if got := door.RefuseCall(r); said(got) != want[i] {
					t.Errorf("%s to %q, door %d: %v; want %d", method, host, i, got, want[i])
				}
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				if got := door.RefuseCall(r); said(got) != access.FromOtherOrigin {
					t.Errorf("%s by a page, to %q, door %d: %v", method, host, i, got)
				}
			}
		}
	}
}

// A browser on this machine is here, whatever a password asks of others.
func TestAPageOnThisMachineIsForAnotherHostWithAPasswordToo(t *testing.T) {
	for _, door := range []*access.Door{{}, {Password: access.NewPassword("bahari")}} {
		r := request(func(r *http.Request) { r.Host = "evil.example:7070" })
		if got := door.RefuseCall(r); said(got) != access.ForOtherHost {
			t.Errorf("a name that was pointed here: %v", got)
		}
	}
}

func TestTheClientIsTheLastHopThatIsNoTrustedProxys(t *testing.T) {
	door := &access.Door{Proxies: networks("127.0.0.1/32", "10.0.0.0/8")}
	for name, x := range map[string]struct {
		from      string
		forwarded []string
		want      string
	}{
		"a connection":                  {"192.168.1.7:5000", nil, "192.168.1.7"},
		"IPv4 in IPv6":                  {"[::ffff:192.168.1.7]:5000", nil, "192.168.1.7"},
		"a zone":                        {"[fe80::1%eth0]:5", nil, "fe80::1"},
		"a liar":                        {"192.168.1.7:5000", []string{"8.8.8.8"}, "192.168.1.7"},
		"a proxy":                       {"127.0.0.1:5000", []string{"203.0.113.9"}, "203.0.113.9"},
		"a proxy, and a liar before it": {"127.0.0.1:5000", []string{"8.8.8.8, 203.0.113.9"}, "203.0.113.9"},
		"two headers":                   {"127.0.0.1:5000", []string{"8.8.8.8", "203.0.113.9"}, "203.0.113.9"},
		"two proxies":                   {"127.0.0.1:5000", []string{"8.8.8.8, 203.0.113.9, 10.1.2.3"}, "203.0.113.9"},
		"an IPv6 client":                {"127.0.0.1:5000", []string{"2001:db8::7"}, "2001:db8::7"},
		"with a port":                   {"127.0.0.1:5000", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"IPv6 with a port":              {"127.0.0.1:5000", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		"a proxy that says nothing":     {"127.0.0.1:5000", nil, "127.0.0.1"},
		"nonsense":                      {"127.0.0.1:5000", []string{"203.0.113.9, unknown"}, "127.0.0.1"},
		"proxies only":                  {"127.0.0.1:5000", []string{"10.0.0.1, 10.0.0.2"}, "10.0.0.1"},
		"no connection":                 {"@", nil, "invalid IP"},
	} {
		r := request(func(r *http.Request) { r.RemoteAddr = x.from })
		r.Header["X-Forwarded-For"] = x.forwarded
		if got := door.Client(r).String(); got != x.want {
			t.Errorf("%s: %s; want %s", name, got, x.want)
		}
	}
}

func TestNames(t *testing.T) {
	for text, want := range map[string]bool{"kivuko": true, "pay.example.com": true, "": false, "http://kivuko": false, "kivuko:7070": false, "kivuko/": false, "a b": false, "kivuko:": false} {
		if access.IsName(text) != want {
			t.Errorf("%q is %t", text, !want)
		}
	}
}

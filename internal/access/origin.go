package access

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// CourierHeader is the header that each request of Kivuko's own carries: callbacks, validations and tries of a URL. Every guard refuses
// a request that has it, or a callback aimed at the control API would count as a program on this machine.
const CourierHeader = "Kivuko-Courier"

// Proxies, load balancers and tunnels say that they speak for somebody else by headers that have one of these words, of any maker.
var forwardingWords = []string{"Addr", "Address", "Clientip", "Forwarded", "Ip", "Ipcountry", "Original", "Originating", "Proxy", "Proxyuser", "Real", "Realip", "Remote",
	"Rewrite", "Scheme", "Via", "Viewer"}

// forwarders are the beginnings of headers that their makers chose otherwise.
var forwarders = []string{"Akamai-", "Cdn-", "Cf-", "Cloudfront-", "Fastly-", "Fly-", "Incap-", "Ngrok-", "Rndr-", "Tailscale-", "True-", "Wl-", "X-Akamai-", "X-Amz-Cf-", "X-Amzn-",
	"X-Appengine-", "X-Arr-", "X-Azure-", "X-Client-", "X-Cloud-", "X-Cluster-", "X-Edge-", "X-Envoy-", "X-Fastly-", "X-Google-", "X-Host", "X-Nf-", "X-Sucuri-", "X-Varnish", "X-Vercel-"}

// Forwarded reports whether a proxy passed a request on: by its headers, or by its being HTTP/1.0, which nginx speaks to servers unless it
// is told otherwise, and sends no such header.
func Forwarded(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return true
	}
	for name := range r.Header {
		name = http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-")) // as CGI and its heirs write them
		for word := range strings.SplitSeq(name, "-") {
			if slices.Contains(forwardingWords, word) {
				return true
			}
		}
		if slices.ContainsFunc(forwarders, func(f string) bool { return strings.HasPrefix(name, f) }) {
			return true
		}
	}
	return false
}

// CrossOrigin reports whether a page of another origin caused a request. Unlike http.CrossOriginProtection's, the answer doesn't depend on
// the method: GET has effects too, on profiles and at the token endpoint.
func CrossOrigin(r *http.Request) bool {
	if site := r.Header["Sec-Fetch-Site"]; len(site) > 0 {
		return slices.ContainsFunc(site, func(s string) bool { return s != "same-origin" && s != "none" })
	}
	return slices.ContainsFunc(r.Header["Origin"], func(origin string) bool {
		u, err := url.Parse(origin)
		return err != nil || u.Host != r.Host
	})
}

// safe reports whether a method changes nothing. A link of another site's may lead to what it gets.
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// IsName reports whether a text can be one of a door's names: a host without a port.
func IsName(text string) bool {
	u, err := url.Parse("http://" + text)
	return err == nil && text != "" && u.Host == text && u.Port() == "" && !strings.HasSuffix(text, ":")
}

// ownName reports whether a host, with or without a port, is a name that this machine has for itself, or one of names. A page of somebody
// else's may have pointed its own name at this machine. An address can't be pointed anywhere: where addresses is set, each is right.
func ownName(host string, addresses bool, names []string) bool {
	name := strings.TrimSuffix((&url.URL{Host: host}).Hostname(), ".")
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().IsLoopback() || addresses && !ip.IsUnspecified()
	}
	return strings.EqualFold(name, "localhost") || slices.ContainsFunc(names, func(own string) bool { return strings.EqualFold(own, name) })
}

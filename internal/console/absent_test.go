package console_test

import (
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/kivukotest"
)

// links are what a page leads to, and what its parts ask for.
var links = regexp.MustCompile(`(?:href|hx-get)="(/[^"#]*)`)

// sampled finds numbers and names of the sample.
func sampled(t *testing.T) *regexp.Regexp {
	t.Helper()
	w, err := seedworld.Read()
	if err != nil {
		t.Fatal(err)
	}
	list := []string{w.Test.Initiator, "60099[0-9]", w.Portal.Password}
	for _, c := range w.Customers {
		list = append(list, c.MSISDN.String(), c.MSISDN.Local())
	}
	for _, o := range w.Organisations {
		if o.Shortcode != 572572 { // the tax authority's, the only one that the API of taxes takes
			list = append(list, o.Shortcode.String())
		}
	}
	for _, o := range w.Portal.Operators {
		list = append(list, o.Name, o.Phone.String())
	}
	for _, a := range w.Apps {
		list = append(list, a.Key)
	}
	for i, x := range list {
		if i != 1 {
			list[i] = regexp.QuoteMeta(x)
		}
	}
	return regexp.MustCompile(`(^|[^0-9A-Za-z])(` + strings.Join(list, "|") + `)($|[^0-9A-Za-z])`)
}

// In a database that has nothing of the sample no page names anything of it, and what the test credentials lack is said with how to make it.
func TestPagesNameNothingThatTheDatabaseHasNot(t *testing.T) {
	k := kivukotest.Start(t, kivuko.Config{World: kivuko.WorldNone})
	app, err := k.Control().CreateApp(t.Context(), control.AppChange{Name: new("Mine")})
	if err != nil {
		t.Fatal(err)
	}
	sample := sampled(t)
	seen := map[string]bool{"/organisation/sign-in": true, "/developer/golive/" + app.Key: true}
	var next []string
	for path := range seen {
		next = append(next, path)
	}
	for next = append(next, "/", "/developer", "/phones"); len(next) > 0; next = next[1:] {
		page, text := read(t, k.URL()+next[0])
		if page.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s: HTTP %d", next[0], page.StatusCode)
		}
		if found := sample.FindString(text); found != "" {
			t.Errorf("%s names %q, which the database hasn't", next[0], strings.TrimSpace(found))
		}
		if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, link := range links.FindAllStringSubmatch(text, -1) {
			if !seen[link[1]] && !strings.HasPrefix(link[1], "/static/") && len(seen) < 500 {
				seen[link[1]] = true
				next = append(next, link[1])
			}
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d pages were found", len(seen))
	}
	for _, path := range []string{"/", "/developer/credentials"} {
		if _, text := read(t, k.URL()+path); !strings.Contains(text, "kivuko org set 600100") {
			t.Errorf("%s doesn't say how a pay bill is made", path)
		}
	}
	if _, text := read(t, k.URL()+"/developer/simulator/mpesa/stkpush/v1/processrequest?app="+app.Key); !strings.Contains(text, "BusinessShortCode is empty: no pay bill has a passkey. This makes one: kivuko org set") {
		t.Error("the simulator doesn't say how a pay bill is made")
	}
}

func read(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got, html.UnescapeString(string(text))
}

package page_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/access"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/news"
)

// A file comes through page by page: nothing of it is kept, and what breaks off is not taken for the whole.
func TestFilesAreSentAsTheyAreWritten(t *testing.T) {
	const line = "0123456789,0123456789\n"
	broken, begun := false, make(chan struct{})
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(control.OperatorHeader) != "wanjiru" {
			t.Error("the file is not asked for on behalf of the operator")
		}
		w.Header().Set("Content-Type", control.CSVType)
		for i := range 100_000 {
			if i == 50_000 && !broken { // half of it is on its way
				select {
				case <-begun:
				case <-r.Context().Done():
					t.Error("the file is kept until it is whole")
					return
				}
			}
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
			if broken {
				panic(http.ErrAbortHandler)
			}
		}
	})
	k := page.New(page.Options{API: api, Hub: new(news.Hub), Log: slog.New(slog.DiscardHandler), Now: time.Now, Door: &access.Door{}}, page.Room{
		Name: "room", Files: fstest.MapFS{}, Routes: map[string]page.Handler{"GET /room/file.csv": func(q *page.Request) error {
			q.ActAs("wanjiru")
			return q.Stream("file.csv", "text/csv; charset=utf-8", func(w io.Writer) error {
				return q.API().StatementCSV(q.HTTP.Context(), "174379", control.StatementQuery{}, w)
			})
		}},
	})
	server := httptest.NewServer(k)
	defer server.Close()
	browser := &http.Client{Timeout: 5 * time.Second}
	resp, err := browser.Get(server.URL + "/room/file.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	close(begun)
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != strings.Repeat(line, 100_000) || resp.Header.Get("Content-Disposition") != `attachment; filename="file.csv"` {
		t.Errorf("%d bytes with %v: %v", len(body), resp.Header, err)
	}
	broken = true
	resp, err = browser.Get(server.URL + "/room/file.csv")
	if err != nil {
		return // before the head was sent
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("a file that broke off came to its end")
	}
}

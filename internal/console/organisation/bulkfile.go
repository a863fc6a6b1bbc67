package organisation

import (
	"fmt"
	"net/url"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/outcome"
)

// bulkView is a bulk file as pages show it.
type bulkView struct {
	control.Bulk
	*portal
	Rows []control.BulkRow // a page of them
	Here string            // path of this page of rows
	More string            // of the next; "": there is none
	Only bool              // those that failed
}

// Done counts the rows whose turn has come.
func (v *bulkView) Done() int64 { return v.Paid + v.Failed }

// Percent is how much of the file that is.
func (v *bulkView) Percent() int64 { return 100 * v.Done() / max(v.Bulk.Rows, 1) }

// Came is how the file stands.
func (v *bulkView) Came() outcome.Outcome { return outcome.OfBulk(&v.Bulk) }

// Decides reports whether the operator may approve or reject the file.
func (v *bulkView) Decides() bool { return v.decides(v.State, v.Initiator, v.Approvals) }

// showBulk shows a bulk file and its rows.
func showBulk(q *page.Request, p *portal) error {
	v, err := bulkOf(q, p)
	if err != nil {
		return err
	}
	return q.Show("bulkfile", v)
}

// bulkOf reads the file that the path names, with a page of rows.
func bulkOf(q *page.Request, p *portal) (*bulkView, error) {
	id, err := bulkID(q)
	if err != nil {
		return nil, err
	}
	b, err := q.API().Bulk(q.HTTP.Context(), p.Shortcode, id)
	if err != nil {
		return nil, err
	}
	v := &bulkView{Bulk: *b, portal: p, Only: q.HTTP.URL.Query().Get("failed") != ""}
	v.Here = v.path(place(q))
	rows, err := q.API().BulkRows(q.HTTP.Context(), p.Shortcode, id, control.BulkRowQuery{After: place(q), Failed: v.Only})
	if err != nil {
		return nil, err
	}
	if v.Rows = rows.Items; rows.Next != "" {
		v.More = v.path(rows.Next)
	}
	return v, nil
}

// path is that of the page of rows after a line.
func (v *bulkView) path(after string) string {
	query := url.Values{}
	if v.Only {
		query.Set("failed", "true")
	}
	if after != "" {
		query.Set("after", after)
	}
	path := fmt.Sprintf("%s/%d", bulkPath, v.ID)
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// approveBulk approves a file.
func approveBulk(q *page.Request, p *portal) error { return decideBulk(q, p, p.approve) }

// rejectBulk rejects a file.
func rejectBulk(q *page.Request, p *portal) error { return decideBulk(q, p, p.reject) }

// decideBulk decides on a file and shows it, like decideTask.
func decideBulk(q *page.Request, p *portal, decide decision) error {
	id, err := bulkID(q)
	if err != nil {
		return err
	}
	if err := decide(q, id); err != nil {
		now, unknown := bulkOf(q, p)
		if unknown != nil {
			return unknown
		}
		return q.Refused("bulkfile", now, err)
	}
	return q.Redirect(fmt.Sprintf("%s/%d", bulkPath, id))
}

package organisation

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
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

// Stage is what happens to the file, in a word.
func (v *bulkView) Stage() string {
	switch {
	case v.State == "approving":
		return "waits for approval"
	case v.State == "queued":
		return "being paid"
	case v.State == "completed" && v.Failed > 0:
		return "paid, some failed"
	case v.State == "completed":
		return "paid"
	}
	return "not paid"
}

// Tone is the colour of the stage.
func (v *bulkView) Tone() string {
	switch v.State {
	case "completed":
		if v.Failed > 0 {
			return "wait"
		}
		return "good"
	case "failed":
		return "bad"
	}
	return "wait"
}

// By names whoever submitted the file.
func (v *bulkView) By() string { return operatorName(v.Initiator) }

// Approvers names those who have approved it.
func (v *bulkView) Approvers() string {
	var list []string
	for _, a := range v.Approvals {
		list = append(list, operatorName(a.By))
	}
	return strings.Join(list, ", ")
}

// Decides tells whether the operator may approve or reject the file. The control API has the last word.
func (v *bulkView) Decides() bool {
	return v.State == "approving" && v.Initiator != v.Username && v.May("approve")
}

func operatorName(username string) string {
	if username == "" {
		return "whoever runs Kivuko"
	}
	return username
}

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
	after, _ := strconv.ParseInt(q.HTTP.URL.Query().Get("after"), 10, 64) // what is no number begins with the first
	v.Here = v.path(after)
	rows, err := q.API().BulkRows(q.HTTP.Context(), p.Shortcode, id, max(after, 0), v.Only, 0)
	if err != nil {
		return nil, err
	}
	if v.Rows = rows.Rows; rows.Next != nil {
		v.More = v.path(*rows.Next)
	}
	return v, nil
}

// path is that of the page of rows after a line.
func (v *bulkView) path(after int64) string {
	query := url.Values{}
	if v.Only {
		query.Set("failed", "true")
	}
	if after > 0 {
		query.Set("after", strconv.FormatInt(after, 10))
	}
	path := fmt.Sprintf("%s/%d", bulkPath, v.ID)
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// decideBulk approves or rejects a file.
func decideBulk(q *page.Request, p *portal) error {
	id, err := bulkID(q)
	if err != nil {
		return err
	}
	said := "You have approved the file."
	if strings.HasSuffix(q.HTTP.URL.Path, "/approve") {
		_, err = q.API().Approve(q.HTTP.Context(), p.Shortcode, id)
	} else {
		said = "You have rejected the file."
		_, err = q.API().Reject(q.HTTP.Context(), p.Shortcode, id, q.Form().Get("reason"))
	}
	if err == nil {
		q.Flash(said)
		return q.Redirect(fmt.Sprintf("%s/%d", bulkPath, id))
	}
	v, wrong := bulkOf(q, p)
	if wrong != nil {
		return wrong
	}
	return q.Refused("bulkfile", v, err)
}

package organisation

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

const bulkPath = "/organisation/bulk"

func bulkRoutes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /organisation/bulk":                  signedIn(listBulk),
		"GET /organisation/bulk/new":              signedIn(newBulk),
		"POST /organisation/bulk/new":             signedIn(uploaded(checkBulk)),
		"POST /organisation/bulk":                 signedIn(uploaded(submitBulk)),
		"GET /organisation/bulk/template.csv":     signedIn(bulkTemplate),
		"GET /organisation/bulk/{id}":             signedIn(showBulk),
		"GET /organisation/bulk/{id}/results.csv": signedIn(bulkResults),
		"POST /organisation/bulk/{id}/approve":    signedIn(approveBulk),
		"POST /organisation/bulk/{id}/reject":     signedIn(rejectBulk),
	}
}

// uploads are those of the routes that take a file.
var uploads = []string{"POST /organisation/bulk/new", "POST /organisation/bulk"}

// uploaded reads the form with the file, once it is known who sends it.
func uploaded(handle func(q *page.Request, p *portal) error) func(q *page.Request, p *portal) error {
	return func(q *page.Request, p *portal) error {
		return q.Upload(func(q *page.Request) error { return handle(q, p) })
	}
}

// bulkList is a page of bulk files.
type bulkList struct {
	*portal
	Files []bulkView
	Here  string // path of this page
	Older string // of the next; "": there is none
}

// listBulk lists the organisation's bulk files.
func listBulk(q *page.Request, p *portal) error {
	list, err := q.API().Bulks(q.HTTP.Context(), p.Shortcode, control.ListQuery{After: place(q)})
	if err != nil {
		return err
	}
	shown := bulkList{portal: p, Here: q.HTTP.URL.RequestURI()}
	for _, b := range list.Items {
		shown.Files = append(shown.Files, bulkView{Bulk: b})
	}
	if list.Next != "" {
		shown.Older = bulkPath + "?after=" + url.QueryEscape(list.Next)
	}
	return q.Show("bulk", shown)
}

// bulkForm is the page for a new bulk file, and what was found out about it.
type bulkForm struct {
	*portal
	Commands []page.Option
	Check    *control.BulkCheck // nil: not checked yet
	CSV      string             // as it was checked
	Fix      bool               // the rows are few enough to be fixed in the page
}

// The bounds of what a page shows of a file: of a larger one the first rows that are wrong, and not its text.
const (
	mostProblems = 200
	mostFixed    = 256 << 10 // bytes
)

// Problems are the first of the rows that would not be paid.
func (f *bulkForm) Problems() []control.BulkRowProblem {
	return f.Check.Problems[:min(len(f.Check.Problems), mostProblems)]
}

// More is how many others there are.
func (f *bulkForm) More() int { return len(f.Check.Problems) - len(f.Problems()) }

// Good reports whether the file can be submitted.
func (f *bulkForm) Good() bool {
	return f.Check != nil && len(f.Check.Problems) == 0 && f.Check.Refused == ""
}

func formOf(p *portal) *bulkForm {
	return &bulkForm{portal: p, Fix: true, Commands: []page.Option{
		{Value: "BusinessPayment", Label: "Business payments"}, {Value: "SalaryPayment", Label: "Salaries"}, {Value: "PromotionPayment", Label: "Promotions"}}}
}

// newBulk asks for a file.
func newBulk(q *page.Request, p *portal) error { return q.Show("bulknew", formOf(p)) }

// bulkFile is what was posted: rows that were pasted, or a file that was chosen. A chosen one takes the place of what was pasted.
func bulkFile(q *page.Request) (control.NewBulk, error) {
	f := q.Form()
	posted := q.HTTP.PostForm
	if m := q.HTTP.MultipartForm; m != nil && len(m.File["file"]) > 0 && m.File["file"][0].Size > 0 {
		text, err := readUpload(m.File["file"][0])
		if err != nil {
			return control.NewBulk{}, err
		}
		posted.Set("csv", text)
		posted.Set("name", m.File["file"][0].Filename)
	}
	if f.Get("name") == "" {
		posted.Set("name", "pasted rows")
	}
	return control.NewBulk{Name: f.Get("name"), Command: f.Get("command"), CSV: posted.Get("csv"), Repeats: f.On("repeats"), Again: f.On("again")}, nil
}

func readUpload(h *multipart.FileHeader) (string, error) {
	f, err := h.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	return string(text), err
}

// checkBulk shows what would come of a file.
func checkBulk(q *page.Request, p *portal) error {
	given, err := bulkFile(q)
	if err != nil {
		return err
	}
	shown := formOf(p)
	if err := shown.check(q, given); err != nil {
		return q.Refused("bulknew", shown, err)
	}
	return q.Show("bulknew", shown)
}

func (f *bulkForm) check(q *page.Request, given control.NewBulk) (err error) {
	f.CSV = given.CSV
	if f.Fix = len(given.CSV) <= mostFixed; !f.Fix {
		q.HTTP.PostForm.Del("csv")
	}
	f.Check, err = q.API().CheckBulk(q.HTTP.Context(), f.Shortcode, given)
	return err
}

// submitBulk submits a file that was checked.
func submitBulk(q *page.Request, p *portal) error {
	given, err := bulkFile(q)
	if err != nil {
		return err
	}
	b, err := q.API().SubmitBulk(q.HTTP.Context(), p.Shortcode, given)
	if err == nil {
		return q.Redirect(fmt.Sprintf("%s/%d", bulkPath, b.ID))
	}
	shown := formOf(p)
	if wrong := shown.check(q, given); wrong != nil {
		return q.Refused("bulknew", shown, wrong)
	}
	return q.Refused("bulknew", shown, err)
}

// bulkTemplate gives a file to begin with.
func bulkTemplate(q *page.Request, p *portal) error {
	csv, err := q.API().BulkTemplate(q.HTTP.Context(), p.Shortcode)
	if err != nil {
		return err
	}
	return q.Download("bulk-payments.csv", control.CSVType, csv)
}

// bulkResults gives what came of a file's rows.
func bulkResults(q *page.Request, p *portal) error {
	id, err := bulkID(q)
	if err != nil {
		return err
	}
	csv, err := q.API().BulkResults(q.HTTP.Context(), p.Shortcode, id)
	if err != nil {
		return err
	}
	return q.Download(fmt.Sprintf("bulk-%d-results.csv", id), control.CSVType, csv)
}

// bulkID is the number of the file that the path names.
func bulkID(q *page.Request) (int64, error) {
	id, err := strconv.ParseInt(q.Value("id"), 10, 64)
	if err != nil {
		return 0, &control.Problem{Status: http.StatusNotFound, Title: "There is no such bulk file", Detail: fmt.Sprintf("%q is no number of one.", q.Value("id"))}
	}
	return id, nil
}

package bulkfile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/bulkfile"
	"github.com/kivuko/kivuko/internal/portal"
)

// show writes what a file says: its rows, then its problems.
func show(f *bulkfile.File) (lines []string) {
	for _, r := range f.Rows {
		lines = append(lines, fmt.Sprintf("%d %s %s %s", r.ID.Line, r.Phone.Local(), r.Amount, r.Remarks))
	}
	for _, p := range f.Problems {
		lines = append(lines, fmt.Sprintf("%d! %s", p.Line, p.Column))
	}
	return lines
}

func TestFilesAsProgramsWriteThem(t *testing.T) {
	for name, x := range map[string]struct{ text, want string }{
		"plain":                {"0708374149,100\n254705912645,99.5,rent\n", "1 0708374149 100.00 |2 0705912645 99.50 rent"},
		"header":               {"Phone Number,Amount (KES),Narration,Name\n0708374149,100,rent,John\n", "2 0708374149 100.00 rent"},
		"other order":          {"name,department,amount,msisdn\nJohn,HR,100,+254708374149", "2 0708374149 100.00 "},
		"semicolons":           {"phone;amount;remarks\r\n0708374149;100;a, b\r\n", "2 0708374149 100.00 a, b"},
		"tabs":                 {"0708374149\t100\tx\n", "1 0708374149 100.00 x"},
		"mark, sep= and CRLF":  {"\xef\xbb\xbfsep=;\r\nphone;amount\r\n0708374149;100\r\n", "3 0708374149 100.00 "},
		"quotes":               {"phone,amount,remarks\n\"0708374149\",\"100\",\"say \"\"hi\"\", now\"\n", `2 0708374149 100.00 say "hi", now`},
		"empty lines":          {"\n\n0708374149,100\n\n,,,\n 0705912645 , 10 ,\n", "3 0708374149 100.00 |6 0705912645 10.00 "},
		"the zero is lost":     {"708374149,100\n110000000,100", "1 0708374149 100.00 |2 0110000000 100.00 "},
		"spaces and hyphens":   {"+254 708-374 149,100\n'0705912645,100", "1 0708374149 100.00 |2 0705912645 100.00 "},
		"a spreadsheet's":      {"2.54708E+11,100\n\"2,547E+11\",100\n", "1! phone|2! phone"},
		"no number":            {"0608374149,100\n07083741490,100\nJohn,100\n,100\n", "1! phone|2! phone|3! phone|4! phone"},
		"no amount":            {"0708374149,1.005\n0708374149,-1\n0708374149,0\n0708374149,\"1,000\"\n0708374149,1e3\n0708374149,KES 5\nx,5,\n", "1! amount|2! amount|3! amount|4! amount|5! amount|6! amount|7! phone"},
		"too many, too few":    {"0708374149,100,a,b,c\n0708374149\n", "1! |2! "},
		"more than the header": {"phone,amount\n0708374149,1,000\n", "2! "},
		"remarks":              {"0708374149,100,\"two\nlines\"\n0708374149,100," + strings.Repeat("ä", 101) + "\n0708374149,100,\xe4\n0708374149,100,ä\n", "5 0708374149 100.00 ä|1! remarks|3! remarks|4! remarks"},
		"a broken quote":       {"0708374149,100,a\"b\n0705912645,100\n", "2 0705912645 100.00 |1! "},
		"numbers as typed":     {"0722000000,1\n254722000001,2\n+254722000002,3\n", "1 0722000000 1.00 |2 0722000001 2.00 |3 0722000002 3.00 "},
		"remarks like headers": {"0708374149,100,Mobile\n0705912645,100,Sum\n", "1 0708374149 100.00 Mobile|2 0705912645 100.00 Sum"},
		"text, not formulas":   {"0708374149,100,'=1+1\n0705912645,100,''tis\n", "1 0708374149 100.00 =1+1|2 0705912645 100.00 'tis"},
		"not UTF-8, as JSON":   {"0708374149,100,caf\ufffd\n", "1! remarks"},
		"markup":               {"0708374149,100,<script>alert(1)</script>\n", "1 0708374149 100.00 <script>alert(1)</script>"},
	} {
		f, err := bulkfile.Read([]byte(x.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(show(f), "|"); got != x.want {
			t.Errorf("%s: got %q\nwant %q: %+v", name, got, x.want, f.Problems)
		}
	}
}

func TestFilesThatAreRefusedAsAWhole(t *testing.T) {
	for says, text := range map[string]string{
		"no rows":                   "phone,amount\n",
		"no column phone":           "amount,remarks\n1,x\n",
		"no column amount":          "phone,remarks\n1,x\n",
		"two columns for the phone": "phone,amount,msisdn\n1,2,3\n",
		"UTF-16":                    "\xff\xfep\x00h\x00",
		"it is in UTF-16":           "\ufffd\ufffdp\x00h\x00", // as JSON has it
		"workbook":                  "PK\x03\x04...",
		"line 2 has a NUL":          "0708374149,100\n\x00",
		"20001 lines":               strings.Repeat("0708374149,100\n", 20_002),
		"20001 rows":                strings.Repeat("0708374149,100\n", 20_001),
		"larger than 4 MB":          strings.Repeat(" ", 4<<20+1),
	} {
		if _, err := bulkfile.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	f, err := bulkfile.Read([]byte("phone,amount\n" + strings.Repeat("0708374149,100\n", 20_000)))
	if err != nil || len(f.Rows) != bulkfile.MaxRows {
		t.Errorf("as many rows as may be: %v", err)
	}
}

func TestWhatASpreadsheetDidToANumberIsSaid(t *testing.T) {
	f, err := bulkfile.Read([]byte("phone,amount\n2.547E+11,100\n0708374149,\"1,000\"\n"))
	if err != nil || len(f.Problems) != 2 || !strings.Contains(f.Problems[0].Detail, "its last digits are lost") || !strings.Contains(f.Problems[1].Detail, "has a comma") {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestTheTemplateCanBeRead(t *testing.T) {
	f, err := bulkfile.Read(bulkfile.Template())
	if err != nil || len(f.Rows) != 2 || len(f.Problems) != 0 {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestFilesWithTheSamePaymentsHaveTheSameDigest(t *testing.T) {
	digest := func(command, text string) string {
		f, err := bulkfile.Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return bulkfile.Digest(command, f.Rows)
	}
	first := digest("BusinessPayment", "0708374149,100,a\n0705912645,50,b\n")
	if got := digest("BusinessPayment", "phone;amount;remarks\r\n+254705912645;50.00;b\r\n254708374149;100;a\r\n"); got != first {
		t.Error("the same payments in another order have another digest")
	}
	for _, other := range []string{
		digest("SalaryPayment", "0708374149,100,a\n0705912645,50,b\n"), digest("BusinessPayment", "0708374149,100,a\n"),
		digest("BusinessPayment", "0708374149,100,c\n0705912645,50,b\n"), digest("BusinessPayment", "0708374149,101,a\n0705912645,50,b\n"),
	} {
		if other == first {
			t.Error("other payments have the same digest")
		}
	}
}

func TestResultsCanBeReadAgain(t *testing.T) {
	f, err := bulkfile.Read(bulkfile.Results([]bulkfile.Result{{Line: 7, Phone: "254708374149", Amount: 100_50, Remarks: "-a, \"b\"", State: "failed", Code: "2006", Reason: "closed"}}))
	if err != nil || strings.Join(show(f), "|") != `2 0708374149 100.50 -a, "b"` {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestResultsAreNoFormulas(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	got := string(bulkfile.Results([]bulkfile.Result{
		{Line: 2, Phone: "254708374149", Amount: 100_50, Remarks: "=cmd|' /C calc'!A0", State: "completed", Receipt: "UC21ABCDEF", Code: "0", At: at},
		{Line: 3, Phone: "254705912645", Amount: 10_00, Remarks: "-a, \"b\"", State: "failed", Code: "2006", Reason: "@x"},
	}))
	want := "line,phone,amount,remarks,state,receipt,result,reason,time\r\n" +
		"2,254708374149,100.50,'=cmd|' /C calc'!A0,completed,UC21ABCDEF,0,,2026-03-02 12:00:00\r\n" +
		"3,254705912645,10.00,\"'-a, \"\"b\"\"\",failed,,2006,'@x,\r\n"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("phone,amount\n0708374149,100\n"))
	f.Add(bulkfile.Template())
	f.Add([]byte(",,,0,"))
	f.Add([]byte("sep=;\r\n\"a\"\"\n;;"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := bulkfile.Read(text)
		if (err == nil) != (file != nil) {
			t.Fatalf("%+v, %v", file, err)
		}
		if err != nil {
			return
		}
		last := int64(0)
		for _, r := range file.Rows {
			if r.ID.Line <= last || !r.Phone.Valid() || r.Amount <= 0 || r.ID.Line > bulkfile.MaxRows+1 {
				t.Fatalf("row %+v after line %d", r, last)
			}
			last = r.ID.Line
		}
		if digest := bulkfile.Digest("BusinessPayment", file.Rows); digest != bulkfile.Digest("BusinessPayment", append([]portal.BulkRow(nil), file.Rows...)) {
			t.Fatal("the digest changes")
		}
	})
}

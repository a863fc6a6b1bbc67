package crashtest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kivuko/kivuko/internal/proctest"
)

// The README's first command runs, and its example moves money and brings a callback.
func TestTheREADMEsExample(t *testing.T) {
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the README's example needs %s", tool)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlocks(string(readme))
	if len(blocks) < 2 || strings.TrimSpace(blocks[0]) != "go run ./cmd/kivuko serve" {
		t.Fatalf("the README doesn't begin with how to run it: %q", blocks)
	}

	server := proctest.Start(t, exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "kivuko.db"), "--log", "off"))
	callbacks := freeAddress(t)
	script := strings.NewReplacer(
		"go build -o bin/kivuko ./cmd/kivuko\n", "",
		"bin/kivuko credential", program+" credential --url "+server.URL,
		"bin/kivuko", program,
		"http://127.0.0.1:7070", server.URL,
		"127.0.0.1:8080", callbacks,
	).Replace(blocks[1])
	out, err := exec.Command("bash", "-c", script).CombinedOutput() // which ends when the listener has: it has the same output
	if err != nil {
		t.Fatalf("the example ended with %v:\n%s", err, out)
	}
	at := 0
	for _, want := range []string{ // in this order
		"receiving callbacks on", `"balance": "100000.00"`, `"ResponseDescription":"Success. Request accepted for processing"`,
		"POST /callback", `"ResultDesc":"The service request is processed successfully."`, `"Value":10.00`, `"balance": "99990.00"`,
		`"ResponseDescription":"Accept the service request successfully."`, "POST /result", "Confirmed", "100,240.00",
	} {
		i := strings.Index(string(out)[at:], want)
		if i < 0 {
			t.Fatalf("the example did not print %q where it should:\n%s", want, out)
		}
		at += i
	}
	server.Stop(t)
}

// shellBlocks are the contents of a Markdown text's sh blocks.
func shellBlocks(markdown string) []string {
	var blocks []string
	for _, part := range strings.Split(markdown, "```sh\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

// freeAddress is an address that nothing listened on a moment ago.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

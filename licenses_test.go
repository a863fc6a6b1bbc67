package kivuko_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/kivuko/kivuko"
)

var updateNotice = flag.Bool("update-notice", false, "write NOTICE anew")

// Every module that is linked into the program, on any system that it is built for, is in NOTICE with the texts that its licence asks for.
func TestNOTICEHasTheLicenceOfEveryModule(t *testing.T) {
	want := noticeOf(t)
	if *updateNotice {
		if err := os.WriteFile("NOTICE", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if kivuko.Licenses() != want {
		t.Error("NOTICE is stale; write it with: go test . -run NOTICE -update-notice")
	}
}

// licenceFile is the name of a file that has a licence or what it asks to pass on.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// header begins NOTICE.
const header = `Kivuko is licensed under the Apache License 2.0: see LICENSE. The program has in it the following, each under its own licence.
Written by: go test . -run NOTICE -update-notice
`

// htmxLicence is that of the script in internal/console/page/assets.
const htmxLicence = `Zero-Clause BSD

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN
CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`

// noticeOf gathers the texts: each once, under all that it belongs to.
func noticeOf(t *testing.T) string {
	t.Helper()
	owners, texts := map[string][]string{}, []string{}
	add := func(owner, text string) {
		text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
		if owners[text] == nil {
			texts = append(texts, text)
		}
		owners[text] = append(owners[text], owner)
	}
	modules := linked(t)
	for _, m := range modules {
		name, dir, _ := strings.Cut(m, "\t")
		found := 0
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !e.IsDir() && licenceFile.MatchString(e.Name()) {
				found++
				text, err := os.ReadFile(filepath.Join(dir, e.Name()))
				if err != nil {
					t.Fatal(err)
				}
				add(name+", "+e.Name(), string(text))
			}
		}
		if found == 0 {
			t.Errorf("%s has no licence", name)
		}
	}
	add("htmx (internal/console/page/assets), LICENSE", htmxLicence)
	golang, err := os.ReadFile(filepath.Join(runtimeRoot(t), "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	add("Go's runtime and standard library, LICENSE", string(golang))
	var b strings.Builder
	b.WriteString(header)
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%s\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(owners[text], "\n"), strings.Repeat("=", 80), text)
	}
	return b.String()
}

// linked lists the modules of the program's packages on all systems, and where their files are. It skips the test where one can't be had.
func linked(t *testing.T) (modules []string) {
	t.Helper()
	for _, system := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-mod=readonly", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", "./cmd/kivuko")
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			if system == runtime.GOOS {
				t.Fatal(err)
			}
			t.Skipf("the modules of %s are not here: %v", system, err)
		}
		for _, line := range strings.Split(string(out), "\n") {
			if line != "" && !slices.Contains(modules, line) {
				modules = append(modules, line)
			}
		}
	}
	slices.Sort(modules)
	if len(modules) < 20 {
		t.Fatalf("only %q", modules)
	}
	return modules
}

func runtimeRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

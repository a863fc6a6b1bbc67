package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestHelpAndWrongFlags(t *testing.T) {
	for _, test := range []struct {
		args   string
		status int
		says   string
	}{
		{"--help", 0, "--preload"},
		{"--api nonsense", exitUsage, "must be one of"},
		{"--url http://127.0.0.1:9 --db x.db", exitUsage, "--help says more"},
	} {
		var out, diag bytes.Buffer
		status := run(t.Context(), strings.Fields(test.args), &out, &diag)
		if said := out.String() + diag.String(); status != test.status || !strings.Contains(said, test.says) {
			t.Errorf("%s: status %d, %q", test.args, status, said)
		}
	}
}

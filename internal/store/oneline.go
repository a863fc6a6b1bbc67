package store

import (
	"slices"
	"strings"
)

// OneLine puts an error with several lines on one. PostgreSQL's about connections name each address that was tried, once for each way.
func OneLine(err error) error {
	if err == nil || !strings.Contains(err.Error(), "\n") {
		return err
	}
	return &flat{err}
}

type flat struct{ error }

func (e *flat) Error() string {
	var lines []string
	for line := range strings.Lines(e.error.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "; "), ":; ", ": ")
}

func (e *flat) Unwrap() error { return e.error }

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// secretText is a password, a PIN or the like that a command takes: as it stands or, for -, a line of standard input. Its help ends with
// ${stdin}.
type secretText string

// stdinHelp is what the help of each secretText says of -.
const stdinHelp = "- reads it from a line of standard input, where other accounts of the machine can't see it."

// AfterApply has kong read the line. Several of a command are read in the order in which the command line has them.
func (s *secretText) AfterApply(in io.Reader) error {
	if *s != "-" {
		return nil
	}
	line, err := readLine(in)
	if err != nil {
		return fmt.Errorf("reading standard input: %w", err)
	}
	if line == "" {
		return usageError{errors.New("- stands for a line of standard input, which is empty or missing")}
	}
	*s = secretText(line)
	return nil
}

// readLine reads up to the end of a line and no further, so that others can read the next one.
func readLine(in io.Reader) (string, error) {
	var line strings.Builder
	for b := make([]byte, 1); b[0] != '\n'; {
		n, err := in.Read(b)
		line.Write(b[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return strings.TrimRight(line.String(), "\r\n"), nil
}

package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// commands are the program's subcommands.
type commands struct {
	Serve   serve   `cmd:"" help:"Run an M-PESA."`
	Listen  listen  `cmd:"" help:"Receive callbacks and print them."`
	Version version `cmd:"" help:"Say which version this is."`
}

// version says which version this is.
type version struct{}

// Run prints one line.
func (version) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, versionLine())
	return err
}

func versionLine() string {
	info, _ := debug.ReadBuildInfo()
	v := "(unknown build)"
	if info != nil {
		v = info.Main.Version
	}
	return fmt.Sprintf("kivuko %s %s %s/%s", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

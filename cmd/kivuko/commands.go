package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/kivuko/kivuko"
)

// commands are the program's subcommands.
type commands struct {
	Serve serve `cmd:"" help:"Run an M-PESA."`
	clientCommands
	Listen  listen  `cmd:"" help:"Receive callbacks and print them."`
	Version version `cmd:"" help:"Say which version this is."`

	Licenses licenses `cmd:"" help:"Print the licences of what the program is made of."`
}

// licenses prints the licences.
type licenses struct{}

func (licenses) Run(out io.Writer) error {
	_, err := io.WriteString(out, kivuko.Licenses())
	return err
}

// version says which version this is.
type version struct{}

func (version) Run(out io.Writer) error {
	_, err := fmt.Fprintf(out, "kivuko %s %s %s/%s\n", kivuko.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

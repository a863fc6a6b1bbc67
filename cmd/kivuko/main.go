// Command kivuko is a whole M-PESA: run it with serve, look into it with the other commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/kivuko/kivuko/control"
)

// exitUsage is the status when the command line, the port or the database can't be used; exitFailure when what was asked for
// did not come out as it should.
const (
	exitUsage   = 2
	exitFailure = 1
)

// impatience is how long after a signal another one ends the program at once. timeout(1) sends two in a row, to its child and to the group.
const impatience = time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(impatience, stop) }) // another Ctrl-C doesn't wait for the first one's stopping
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its surroundings handed in. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	exit := -1
	parser, err := kong.New(&commands{},
		kong.Name("kivuko"), kong.Description(about), kong.UsageOnError(), kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoExpandSubcommands: true}), kong.Exit(func(status int) { exit = status }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(stdin, (*io.Reader)(nil)), kong.BindTo(stdout, (*io.Writer)(nil)), vars(),
		kong.Bind(diagnostics{stderr}))
	if err != nil {
		fmt.Fprintln(stderr, "kivuko:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if args[0] == "help" {
		args = append(args[1:], "--help")
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit // help was asked for
	}
	if err != nil {
		fmt.Fprintf(stderr, "kivuko: %v (kivuko help says more)\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(stderr, "kivuko:", inFlags(command, err))
		var usage usageError
		if errors.As(err, &usage) {
			return exitUsage
		}
		return exitFailure
	}
	return 0
}

// inFlags is what is wrong, in the command line's words: a field that a flag of the command gives is called as the flag is.
func inFlags(command *kong.Context, err error) string {
	if p, ok := errors.AsType[*control.Problem](err); ok && p.Field != "" {
		if slices.ContainsFunc(command.Flags(), func(f *kong.Flag) bool { return f.Name == p.Field }) {
			return "--" + err.Error()
		}
	}
	return err.Error()
}

// diagnostics is where logs and progress go.
type diagnostics struct{ io.Writer }

// usageError is an error that the user fixes by calling the command differently.
type usageError struct{ error }

const about = `A whole M-PESA on your machine: the Daraja API, real books and the customers' phones.

  kivuko serve                      runs it; everything else looks into a running one
  kivuko phone 0708374149           shows a customer's phone; flags change it
  kivuko journal --follow           shows each request, and why it was refused`

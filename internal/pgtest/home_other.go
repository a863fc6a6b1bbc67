//go:build !unix

package pgtest

import "syscall"

// home has nothing to offer here: the supervisor is a POSIX shell and the socket a Unix one.
func home() (string, *syscall.SysProcAttr, error) { return "", nil, ErrMissing }

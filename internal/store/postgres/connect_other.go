//go:build !linux

package postgres

import "syscall"

// lostNetwork has nothing to set here: other systems' keep-alives do what they can.
func lostNetwork(string, string, syscall.RawConn) error { return nil }

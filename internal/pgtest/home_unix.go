//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// home makes the server's directory and says as whom to run it. PostgreSQL refuses to run as root: the postgres user of the package
// steps in. A session of its own keeps a Ctrl-C at the terminal from the server, so that it goes after the tests, not before them.
func home() (string, *syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setsid: true}
	root := os.Geteuid() == 0
	parent := os.TempDir()
	if root || len(parent)+len("/kivuko-pg-0123456789") > maxSocketDir {
		parent = "/tmp" // root's own TMPDIR may be closed to postgres, macOS's is too long for a socket
	}
	dir, err := os.MkdirTemp(parent, "kivuko-pg-")
	if err != nil || !root {
		return dir, attributes, err
	}
	attributes.Credential, err = postgresUser()
	if err == nil {
		err = os.Chown(dir, int(attributes.Credential.Uid), int(attributes.Credential.Gid))
	}
	if err != nil {
		return "", nil, errors.Join(err, os.Remove(dir))
	}
	return dir, attributes, nil
}

func postgresUser() (*syscall.Credential, error) {
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, and the user that it usually runs as is missing: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

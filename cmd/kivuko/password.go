package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"strings"
)

// password are the flags that give Kivuko's password.
type password struct {
	Password     string `env:"KIVUKO_PASSWORD" help:"Everybody is then asked for it: by the console and, as HTTP Basic, by the control API and metrics. Other accounts of the machine can see it here: use --password-file or KIVUKO_PASSWORD."`
	PasswordFile string `env:"KIVUKO_PASSWORD_FILE" placeholder:"PATH" help:"Read the password from the first line of a file."`
}

// read gives the password; "" is none.
func (p *password) read() (string, error) {
	switch {
	case p.PasswordFile == "":
		return p.Password, nil
	case p.Password != "":
		return "", errors.New("a password and a file with one: give one of them (--password or KIVUKO_PASSWORD, --password-file or KIVUKO_PASSWORD_FILE)")
	}
	return firstLine(p.PasswordFile)
}

// firstLine reads a file's first line, which has to say something.
func firstLine(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the password: %w", err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", fmt.Errorf("the password file %s has none in its first line", path)
	}
	return line, nil
}

// network is a flag's: a CIDR prefix, or an address alone.
type network netip.Prefix

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *network) UnmarshalText(text []byte) error {
	if a, err := netip.ParseAddr(string(text)); err == nil {
		*n = network(netip.PrefixFrom(a, a.BitLen()))
		return nil
	}
	p, err := netip.ParsePrefix(string(text))
	if err != nil {
		return fmt.Errorf("%q is no network like 172.17.0.0/16", text)
	}
	*n = network(p.Masked())
	return nil
}

func prefixes(list []network) (prefixes []netip.Prefix) {
	for _, n := range list {
		prefixes = append(prefixes, netip.Prefix(n))
	}
	return prefixes
}

// knownPassword are the ways in which commands find the password of a Kivuko, beside its URL. They aren't on the command line, which
// other accounts of the machine can see.
type knownPassword struct {
	FromFile string `name:"password-file" env:"KIVUKO_PASSWORD_FILE" placeholder:"PATH" help:"Find Kivuko's password in the first line of this file; or give it in KIVUKO_PASSWORD, or in KIVUKO_URL as http://:PASSWORD@HOST:PORT. On the machine of 'kivuko serve' and in its directory (or with KIVUKO_DB) none is needed."`
	Given    string `name:"known-password" env:"KIVUKO_PASSWORD" hidden:""`
	Beside   string `name:"known-db" env:"KIVUKO_DB" default:"kivuko.db" hidden:""`
}

// addTo puts the password into a URL that has none.
func (p *knownPassword) addTo(at *url.URL) (err error) {
	if at.User != nil {
		return nil
	}
	password := p.Given
	switch {
	case p.FromFile != "":
		password, err = firstLine(p.FromFile)
	case password == "":
		password, err = passwordBeside(p.Beside, at)
	}
	if password != "" {
		at.User = url.UserPassword("", password)
	}
	return err
}

// passwordFile is where 'kivuko serve' leaves its password for commands, beside a database; "": that is no file.
func passwordFile(db string) string {
	if db == "" || db == ":memory:" || strings.Contains(db, "://") {
		return ""
	}
	return db + ".password"
}

// leavePassword writes the password of the Kivuko at a URL beside its database, for the commands of the same account, and returns what
// takes it away again. Nothing else can read it.
func leavePassword(db, password, at string) (remove func(), err error) {
	path := passwordFile(db)
	if path == "" || password == "" {
		return func() {}, nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(f, "%s\n%s\n", password, at)
	return func() { _ = os.Remove(path) }, errors.Join(err, f.Close())
}

// passwordBeside is what leavePassword left for the Kivuko at a URL; "" where it left nothing, or something for another one.
func passwordBeside(db string, at *url.URL) (string, error) {
	path := passwordFile(db)
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(b), "\n")
	if left, err := url.Parse(lines[min(1, len(lines)-1)]); err != nil || !isLocal(at) || left.Port() != at.Port() {
		return "", nil
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("other accounts can read the password in %s: take their right away (chmod 600), and choose another password", path)
	}
	return lines[0], nil
}

// isLocal reports whether a URL is of this machine.
func isLocal(at *url.URL) bool {
	ip := net.ParseIP(at.Hostname())
	return at.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

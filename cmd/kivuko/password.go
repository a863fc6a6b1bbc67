package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
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

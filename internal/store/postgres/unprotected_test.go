package postgres

import (
	"os"
	"strings"
	"testing"
)

func TestUnprotectedConnectionsAreNamed(t *testing.T) {
	for _, name := range []string{"PGHOST", "PGSSLMODE", "PGSSLROOTCERT"} {
		if value, ok := os.LookupEnv(name); ok {
			t.Setenv(name, value) // restores it
			os.Unsetenv(name)
		}
	}
	for url, protected := range map[string]bool{
		"postgres://u:p@db.example/k":                                         false, // prefer
		"postgres://u:p@db.example/k?sslmode=disable":                         false,
		"postgres://u:p@db.example/k?sslmode=allow":                           false,
		"postgres://u:p@db.example/k?sslmode=require":                         false, // any certificate
		"postgres://u:p@db.example/k?sslmode=verify-ca":                       true,
		"postgres://u:p@db.example/k?sslmode=verify-full":                     true,
		"postgres://u:p@10.0.0.7:5433/k":                                      false,
		"postgres://u:p@localhost/k":                                          true,
		"postgres://u:p@127.0.0.1/k?sslmode=disable":                          true,
		"postgres://u:p@[::1]/k":                                              true,
		"postgres:///k?host=/var/run/postgresql":                              true,
		"postgres://u:p@127.0.0.1:5432,db.example:5432/k":                     false,
		"postgres://u:p@127.0.0.1:5432,db.example:5432/k?sslmode=verify-full": true,
		"postgres://u:p@localhost.evil.example/k":                             false,
	} {
		got := Unprotected(url)
		if (got == "") != protected {
			t.Errorf("%s: %q", url, got)
		}
		if strings.Contains(got, "u:p") {
			t.Errorf("%s: the warning has the password: %q", url, got)
		}
	}
}

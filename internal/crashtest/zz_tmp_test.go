package crashtest

import (
	"net/url"
	"os"
	"testing"

	"github.com/kivuko/kivuko/internal/pgtest"
)

func TestTmpStall(t *testing.T) {
	s := pgtest.StartWith(t, pgtest.Options{Durable: true, Settings: map[string]string{"log_lock_waits": "on", "deadlock_timeout": "300ms", "log_line_prefix": "%m [%p] "}})
	db := s.Database(t)
	u, _ := url.Parse(db)
	defer func() {
		b, _ := os.ReadFile(u.Query().Get("host") + "/log")
		if len(b) > 12000 {
			b = b[len(b)-12000:]
		}
		t.Logf("%s", b)
	}()
	survive(t, db)
}

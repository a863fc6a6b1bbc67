package crashtest

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
)

const clients = 40

func TestNothingIsLostWhenKilledUnderLoad(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		survive(t, filepath.Join(t.TempDir(), "kivuko.db"), func() {})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		db := pgtest.StartWith(t, pgtest.Options{Durable: true}).Database(t)
		survive(t, db, func() { cutConnections(t, db) })
	})
}

// survive disturbs a node under load, kills it, starts it again and goes on, round after round.
func survive(t *testing.T, db string, disturb func()) {
	dice := chance(t)
	m, d := newMerchant(t), newDoor(t)
	token := ""
	for range rounds(t) {
		killWhileStarting(t, db, dice)
		s := proctest.Start(t, serve(db))
		d.leads(s.URL)
		if token == "" {
			token = d.token(t)
		}
		load := m.startLoad(t, d, dice.Uint64())
		load.goesOnFor(dice.Int64N(300))
		disturb()
		load.goesOnFor(dice.Int64N(300))
		s.Kill()
		load.stop()
	}
	s := proctest.Start(t, serve(db))
	d.leads(s.URL)
	m.rest(t, db)
	m.checkQueries(t, d, m.outcomes(t))
	if now := d.token(t); now != token {
		t.Errorf("the token %s no longer held, and was replaced by %s", token, now)
	}
	s.Stop(t)
	m.audit(t, open(t, db))
}

// cutConnections breaks all connections that nodes have to their database.
func cutConnections(t *testing.T, db string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kivuko'"); err != nil {
		t.Fatal(err)
	}
}

// killWhileStarting starts a node and kills it a moment later, before or after it answers.
func killWhileStarting(t *testing.T, db string, dice *rand.Rand) {
	t.Helper()
	for range dice.IntN(3) {
		p := proctest.Run(t, serve(db))
		<-time.After(time.Duration(dice.Int64N(int64(150 * time.Millisecond))))
		p.Kill()
	}
}

// TestStartsAfterBeingKilledWhileItMadeItsWorld kills the first start, which makes the tables, the secrets and the world.
func TestStartsAfterBeingKilledWhileItMadeItsWorld(t *testing.T) {
	dice := chance(t)
	for range 2 * rounds(t) {
		db := filepath.Join(t.TempDir(), "kivuko.db")
		p := proctest.Run(t, serve(db))
		<-time.After(time.Duration(dice.Int64N(int64(200 * time.Millisecond))))
		p.Kill()
		m, d := newMerchant(t), newDoor(t)
		s := proctest.Start(t, serve(db))
		d.leads(s.URL)
		m.mustPush(t, d, customer(100))
		m.rest(t, db)
		s.Stop(t)
		m.audit(t, open(t, db))
	}
}

// A running load.
type load struct {
	t      *testing.T
	acked  *atomic.Int64 // requests so far
	cancel context.CancelFunc
	over   chan struct{}
}

// startLoad runs a load until it is stopped. acked is where it counts the requests that were acknowledged.
func startLoad(t *testing.T, acked *atomic.Int64, run func(context.Context)) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{t: t, acked: acked, cancel: cancel, over: make(chan struct{})}
	go func() {
		run(ctx)
		close(l.over)
	}()
	return l
}

func (m *merchant) startLoad(t *testing.T, d *door, seed uint64) *load {
	return startLoad(t, &m.acked, func(ctx context.Context) { m.load(ctx, d, clients, seed) })
}

// goesOnFor waits until so many more requests were acknowledged.
func (l *load) goesOnFor(requests int64) {
	l.t.Helper()
	goal := l.acked.Load() + requests
	proctest.Await(l.t, "acknowledgements", func() bool { return l.acked.Load() >= goal })
}

// stop waits for the requests that are under way.
func (l *load) stop() {
	l.cancel()
	<-l.over
}

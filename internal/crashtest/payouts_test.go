package crashtest

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
)

func TestNoPayoutIsLostOrMadeTwiceWhenKilledUnderLoad(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		surviveBusiness(t, filepath.Join(t.TempDir(), "kivuko.db"), func() {})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		db := pgtest.StartWith(t, pgtest.Options{Durable: true}).Database(t)
		surviveBusiness(t, db, func() { cutConnections(t, db) })
	})
}

// surviveBusiness disturbs a node under a load of payouts, of payments between businesses and of customers' payments that are
// validated, kills it, starts it again and goes on, round after round.
func surviveBusiness(t *testing.T, db string, disturb func()) {
	dice := chance(t)
	b := newBusiness(t)
	s := proctest.Start(t, serve(db))
	d := b.open(t, s.URL)
	for range rounds(t) {
		load := b.startLoad(t, d, dice)
		load.goesOnFor(100 + dice.Int64N(300))
		disturb()
		load.goesOnFor(dice.Int64N(300))
		s.Kill()
		load.stop()
		killWhileStarting(t, db, dice)
		s = proctest.Start(t, serve(db))
		d.leads(s.URL)
		b.sendAgain(t, d)
	}
	proctest.Await(t, "the results of all acknowledged orders", func() bool { return b.unanswered() == 0 })
	awaitRest(t, db)
	s.Stop(t)
	b.audit(t, open(t, db))
}

func (b *business) startLoad(t *testing.T, d *door, dice *rand.Rand) *load {
	seed := dice.Uint64()
	return startLoad(t, &b.acked, func(ctx context.Context) { b.load(ctx, d, clients, seed) })
}

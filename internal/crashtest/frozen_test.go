package crashtest

import (
	"testing"

	"github.com/kivuko/kivuko/internal/pgtest"
	"github.com/kivuko/kivuko/internal/proctest"
)

// A database that stands still under load, as a suspended machine does, leaves COMMITs that nobody knows the outcome of. Once it goes on, some
// of them come to an end behind the back of the node, which meanwhile has asked what came of them.
func TestNothingIsLostWhenTheDatabaseStandsStillUnderLoad(t *testing.T) {
	t.Parallel()
	dice := chance(t)
	server := pgtest.StartWith(t, pgtest.Options{Durable: true})
	db := server.Database(t)
	m, d := newMerchant(t), newDoor(t)
	s := proctest.Start(t, serve(db))
	d.leads(s.URL)
	load := m.startLoad(t, d, dice.Uint64())
	load.goesOnFor(100 + dice.Int64N(300))
	thaw := server.Freeze(t)
	const busy = "500.003.02"
	proctest.Await(t, "refusals", func() bool { return m.refusals(busy) > clients }) // when the deadlines of all that was under way are over
	thaw()
	load.goesOnFor(300)
	load.stop()
	m.rest(t, db)
	m.checkQueries(t, d, m.outcomes(t))
	s.Stop(t)
	m.audit(t, open(t, db))
}

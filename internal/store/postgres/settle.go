package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/store/tables"
	"github.com/kivuko/kivuko/internal/unit"
)

// Did it commit? A unit whose COMMIT was not answered may be on disk, may be on its way, or may never come. Its transaction number doesn't tell:
// after a fail-over, or a crash before the number reached the disk, the server gives it to another one. So each unit writes a row of its own,
// its witness, and to find out is to try and write the same row:
//
//   - it can be written: the unit has not committed, and never can any more, wherever its statements are;
//   - it is there already: the unit has committed;
//   - the server makes us wait for it: the unit is under way, perhaps for a standby. Ask again.
//
// The row is written, or touched, in a transaction of our own, whose COMMIT waits for the standby as well and comes after the unit's in
// the log. When it returns, the unit is where a fail-over leaves it.

const askLimit = 2 * time.Second // for the question, once there is a connection

const (
	voidWitness  = "INSERT INTO units (chain, seq, at, rows, hash, void) VALUES ($1, $2, $3, '', '', 1)"
	touchWitness = "UPDATE units SET void = void WHERE chain = $1 AND seq = $2 RETURNING void"
	spendWitness = "DELETE FROM units WHERE chain = $1 AND seq = $2"
	newChain     = `WITH next AS (INSERT INTO settings AS s VALUES ('last_chain', '1') ON CONFLICT (name) DO UPDATE SET value = s.value::bigint + 1 RETURNING value::bigint)
		INSERT INTO chains (chain, anchored) SELECT value, 0 FROM next RETURNING chain`
)

// witness is a chain, and the unit that it has: the unit's row is its witness, and says where its COMMIT was sent to.
type witness struct {
	*tables.Sealer
	chain, seq int64
	spent      int64  // the seq of the chain's row that nobody needs any more: a committed unit's that the chain vouches for nothing of; 0: there is none
	hash       []byte // of the chain's last row that the chain has
	link       store.Link
	origin     origin
}

// seal adds the unit's row to a view that is about to be written.
func (w *witness) seal(b *pgx.Batch, v *unit.View) {
	w.seq++
	w.link = w.Seal(v, w.chain, w.seq, w.hash)
	store.Links.Add(v, w.link)
	if w.spent != 0 {
		b.Queue(spendWitness, w.chain, w.spent)
	}
}

// committed notes that the unit's row is there.
func (w *witness) committed() {
	w.spent = 0
	if w.link.Hash == nil {
		w.spent = w.seq
	} else {
		w.hash = w.link.Hash
	}
}

// chains number the units: a chain's one after the other. A unit has a chain for itself from its beginning until its outcome is known.
type chains struct {
	mu   sync.Mutex
	free []witness // the latest of each
}

// take gives a chain that nobody uses.
func (l *chains) take() (w witness, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.free) == 0 {
		return w, false
	}
	w = l.free[len(l.free)-1]
	l.free = l.free[:len(l.free)-1]
	return w, true
}

func (l *chains) keep(w witness) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, w)
}

// chain gives a chain that nobody uses, or a new one. There come to be as many as units are under way at once.
func (s *Store) chain(ctx context.Context) (w witness, err error) {
	if w, ok := s.chains.take(); ok {
		return w, nil
	}
	w.Sealer = &tables.Sealer{}
	ctx, cancel := context.WithTimeout(ctx, acquireLimit)
	defer cancel()
	return w, oneLine(s.units.QueryRow(ctx, newChain).Scan(&w.chain))
}

// Settle implements store.Unit.
func (u *work) Settle(ctx context.Context) (committed bool, err error) {
	if committed, err = u.ask(ctx); err == nil {
		if committed { // else the row that says so stays: what was sent may still be on its way
			u.witness.committed()
		}
		u.chains.keep(u.witness)
	}
	return committed, oneLine(err)
}

// ask tries to write the unit's row, on a connection of its own.
func (u *work) ask(ctx context.Context) (committed bool, err error) {
	config := u.units.Config().ConnConfig
	if err := aim(ctx, config); err != nil {
		return false, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	defer conn.Close(ctx)
	if err := connected(ctx, conn); err != nil {
		return false, err
	}
	w := u.witness
	if err := w.origin.leadsTo(originOf(conn)); err != nil {
		return false, err
	}
	_, err = conn.Exec(ctx, voidWitness, w.chain, w.seq, w.link.At)
	if sqlState(err) == uniqueViolation {
		var void int64
		err = conn.QueryRow(ctx, touchWitness, w.chain, w.seq).Scan(&void)
		committed = void == 0
	}
	if err == nil && unreplicated(conn) {
		err = errCutShort
	}
	return committed, err
}

// leadsTo tells what is wrong when a connection that was made later leads somewhere else. A higher timeline is a promotion; what was
// committed on the lower one may be there, or is gone for good.
func (o origin) leadsTo(later origin) error {
	switch {
	case o == origin{} || later == origin{}:
		return nil
	case later.system != o.system:
		return fmt.Errorf("another database answers: its system identifier is %d, and was %d when the unit was committed", later.system, o.system)
	case later.timeline < o.timeline:
		return fmt.Errorf("the database has gone back to timeline %d; the unit was committed on timeline %d", later.timeline, o.timeline)
	}
	return nil
}

var errCutShort = fmt.Errorf("%w: the wait for it was cut short", store.ErrSolitary)

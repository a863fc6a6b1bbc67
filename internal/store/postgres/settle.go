package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kivuko/kivuko/internal/store"
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
	// A lane has one row, that of its latest unit.
	insertWitness = "WITH earlier AS (DELETE FROM units WHERE lane = $1 AND seq = $3) INSERT INTO units (lane, seq, void) VALUES ($1, $2, false)"
	voidWitness   = "INSERT INTO units (lane, seq, void) VALUES ($1, $2, true)"
	touchWitness  = "UPDATE units SET void = void WHERE lane = $1 AND seq = $2 RETURNING void"
	newLane       = "INSERT INTO settings AS s VALUES ('last_lane', '1') ON CONFLICT (name) DO UPDATE SET value = s.value::bigint + 1 RETURNING value::bigint"
)

// witness names a unit's row, and says where its COMMIT was sent to.
type witness struct {
	lane, seq, earlier int64 // earlier is the seq of the lane's row
	origin             origin
}

func (w witness) queue(b *pgx.Batch) { b.Queue(insertWitness, w.lane, w.seq, w.earlier) }

// lanes number the units: a lane's one after the other. A unit has a lane for itself from its beginning until its outcome is known.
type lanes struct {
	mu   sync.Mutex
	free []witness // the latest of each
}

// take gives a lane that nobody uses.
func (l *lanes) take() (w witness, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.free) == 0 {
		return w, false
	}
	w = l.free[len(l.free)-1]
	l.free = l.free[:len(l.free)-1]
	return w, true
}

func (l *lanes) keep(w witness) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, w)
}

// lane gives a lane that nobody uses, or a new one. There come to be as many as units are under way at once.
func (s *Store) lane(ctx context.Context) (w witness, err error) {
	if w, ok := s.lanes.take(); ok {
		return w, nil
	}
	ctx, cancel := context.WithTimeout(ctx, acquireLimit)
	defer cancel()
	return w, oneLine(s.units.QueryRow(ctx, newLane).Scan(&w.lane))
}

// Settle implements store.Unit.
func (u *work) Settle(ctx context.Context) (committed bool, err error) {
	if committed, err = u.ask(ctx); err == nil {
		u.witness.earlier = u.witness.seq // the row is there, ours or the unit's
		u.lanes.keep(u.witness)
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
	_, err = conn.Exec(ctx, voidWitness, w.lane, w.seq)
	if sqlState(err) == uniqueViolation {
		var void bool
		err = conn.QueryRow(ctx, touchWitness, w.lane, w.seq).Scan(&void)
		committed = !void
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

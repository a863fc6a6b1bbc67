package postgres

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How long each step may take. A server that stands still keeps its connections open and its kernel goes on acknowledging, so neither
// keep-alives nor TCP_USER_TIMEOUT end a wait for it: only deadlines of our own do.
const (
	dialLimit    = 2 * time.Second // a host: connecting and signing in, unless connect_timeout says otherwise
	acquireLimit = 2 * time.Second // for a connection of the pool
	pingLimit    = time.Second     // of a pooled connection that has been idle
	loadLimit    = 3 * time.Second // a round trip that loads; lock_timeout is shorter, so that a lock is no silence
	commitLimit  = 4 * time.Second // the round trip that writes and commits; what came of it is unknown then
	readLimit    = 3 * time.Second // a read beside the units
	heavyLimit   = 10 * time.Minute
	closeLimit   = 5 * time.Second // for the server to take leave of the connections
)

// Every connection of a node finds the tables without naming the schema.
var nodeSettings = map[string]string{"search_path": schemaName, "application_name": "kivuko"}

// The connections that units run on look rows up by key, a thousand at a time at most. A plan made for tables that were small
// would scan them for as long as it is cached, so the planner is not given the choice.
var unitSettings = map[string]string{
	"plan_cache_mode": "force_generic_plan", "jit": "off",
	"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",

	// A node that stands still in the middle of a unit must not stop the others for long. statement_timeout is a net below our own limits.
	"idle_in_transaction_session_timeout": "2s", "lock_timeout": "1s", "statement_timeout": "5s",
}

// configure reads a URL for a pool of up to size connections. What the URL says about a setting stands.
func configure(url string, size int32, settings ...map[string]string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, oneLine(err)
	}
	config.MaxConns, config.PingTimeout = size, pingLimit
	c := config.ConnConfig
	asked := maps.Clone(c.RuntimeParams)
	for _, x := range settings {
		maps.Copy(c.RuntimeParams, x)
	}
	maps.Copy(c.RuntimeParams, asked)
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = dialLimit
	}
	if c.ValidateConnect == nil && severalHosts(c) { // a standby among them is no place for units
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	dialer := &net.Dialer{Timeout: c.ConnectTimeout, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}, Control: lostNetwork}
	c.DialFunc = dialer.DialContext
	c.OnNotice = noticed
	config.BeforeConnect = aim
	config.AfterConnect = connected
	return config, nil
}

// severalHosts reports whether a URL names more than one. The driver also lists a host twice, with TLS and without.
func severalHosts(c *pgx.ConnConfig) bool {
	return slices.ContainsFunc(c.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.Host != c.Host || f.Port != c.Port })
}

// aim prepares a connection that is about to be made.
func aim(ctx context.Context, c *pgx.ConnConfig) error {
	if severalHosts(c) {
		if err := choose(ctx, c); err != nil {
			return err
		}
	}
	guard(c)
	return nil
}

// choose leaves the first of several hosts that answers and is what target_session_attrs asks for. They are asked at once, as the driver doesn't:
// one that stands still accepts connections and would take each of them the whole time that it may take.
func choose(ctx context.Context, c *pgx.ConnConfig) error {
	ctx, cancel := context.WithTimeout(ctx, c.ConnectTimeout)
	defer cancel()
	var hosts []*pgconn.Config
	for _, way := range append([]*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port, TLSConfig: c.TLSConfig}}, c.Fallbacks...) {
		same := slices.IndexFunc(hosts, func(h *pgconn.Config) bool { return h.Host == way.Host && h.Port == way.Port })
		if same >= 0 { // with TLS and without
			hosts[same].Fallbacks = append(hosts[same].Fallbacks, way)
			continue
		}
		host := c.Config.Copy()
		host.Host, host.Port, host.TLSConfig, host.Fallbacks = way.Host, way.Port, way.TLSConfig, nil
		hosts = append(hosts, host)
	}
	type answer struct {
		*pgconn.Config
		error
	}
	answers := make(chan answer, len(hosts))
	for _, host := range hosts {
		go func() {
			conn, err := pgconn.ConnectConfig(ctx, host)
			if err == nil {
				conn.Close(ctx)
			}
			answers <- answer{host, err}
		}()
	}
	var errs []error
	for range hosts {
		a := <-answers
		if a.error == nil {
			c.Host, c.Port, c.TLSConfig, c.Fallbacks = a.Host, a.Port, a.TLSConfig, a.Fallbacks
			return nil
		}
		errs = append(errs, a.error)
	}
	return errors.Join(errs...)
}

// connect makes a pool that connects when it is first used.
func connect(ctx context.Context, url string, size int32, settings ...map[string]string) (*pgxpool.Pool, error) {
	config, err := configure(url, size, settings...)
	if err != nil {
		return nil, err
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// errNoCancel is why the driver's cancel requests don't go out.
var errNoCancel = errors.New("a cancel request could reach a COMMIT")

// gate is the dialer of one connection. The driver cancels what it gives up, and PostgreSQL takes the cancelling of a COMMIT that waits for a
// standby for a COMMIT that need not wait: it becomes visible and is replicated nowhere. Once the connection is made, a dial can only be a
// cancel request: the gate refuses it, and cuts the connection off.
type gate struct {
	dial pgconn.DialFunc

	mu     sync.Mutex
	conn   net.Conn // the latest
	closed bool
}

// guard gives a connection that is about to be made a gate.
func guard(c *pgx.ConnConfig) {
	g := &gate{dial: c.DialFunc}
	c.DialFunc = g.Dial
	then := c.AfterConnect
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		g.close()
		if then != nil {
			return then(ctx, conn)
		}
		return nil
	}
}

// Dial implements pgconn.DialFunc.
func (g *gate) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	g.mu.Lock()
	if g.closed {
		defer g.mu.Unlock()
		g.conn.Close() // instead of waiting for words from the other side
		return nil, errNoCancel
	}
	g.mu.Unlock()
	conn, err := g.dial(ctx, network, addr)
	if err == nil {
		g.mu.Lock()
		g.conn = conn
		g.mu.Unlock()
	}
	return conn, err
}

func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
}

// Keys of what is remembered of a connection.
const (
	originKey       = "kivuko.origin"       // origin
	unreplicatedKey = "kivuko.unreplicated" // true: a COMMIT came back before a standby had it
)

// origin is where a connection leads: which database cluster, on which of its timelines. A promotion begins a new timeline.
type origin struct{ system, timeline int64 }

const selectOrigin = `SELECT system_identifier, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint FROM pg_control_system()`

// The server frees the locks of clients that have gone. PostgreSQL 13 and its likes don't have the setting.
const watchClients = "SELECT set_config(name, '2000', false) FROM pg_settings WHERE name = 'client_connection_check_interval' AND setting = '0'"

// connected finds out where a connection leads. Databases that only resemble PostgreSQL have no timelines: there it stays unknown.
func connected(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	if _, err := conn.Exec(ctx, watchClients, pgx.QueryExecModeExec); failed(err) {
		return err
	}
	var o origin
	err := conn.QueryRow(ctx, selectOrigin, pgx.QueryExecModeExec).Scan(&o.system, &o.timeline)
	if failed(err) {
		return err
	}
	conn.PgConn().CustomData()[originKey] = o
	return nil
}

// failed reports whether an error is not the server's answer, but that there is none.
func failed(err error) bool { return err != nil && sqlState(err) == "" }

// originOf is where a connection leads; the zero origin when that is not known.
func originOf(conn *pgx.Conn) origin {
	o, _ := conn.PgConn().CustomData()[originKey].(origin)
	return o
}

// noticed hears what the server says beside its answers. A COMMIT whose wait for the standby was cut short, by an administrator or because
// the server is being stopped, says so and returns success (SyncRepWaitForLSN in PostgreSQL's syncrep.c).
func noticed(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == "SyncRepWaitForLSN" {
		conn.CustomData()[unreplicatedKey] = true
	}
}

// unreplicated reports whether the last COMMIT on a connection was not waited for, and forgets it.
func unreplicated(conn *pgx.Conn) bool {
	data := conn.PgConn().CustomData()
	_, was := data[unreplicatedKey]
	delete(data, unreplicatedKey)
	return was
}

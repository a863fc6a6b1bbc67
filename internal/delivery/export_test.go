package delivery

import (
	"context"
	"net"
	"time"

	"github.com/kivuko/kivuko/internal/weburl"
)

// Resolve has hosts looked up in another way. It must be called before Start.
func (c *Couriers) Resolve(r *net.Resolver) { c.dialer.TCP.Resolver = r }

// Everywhere has connections made to any address, which leaves the strict profile its other rules. It must be called before Start.
func (c *Couriers) Everywhere() { c.dialer.Reach = weburl.Reach{} }

// Forget has lanes without work forgotten so soon. It must be called before Start.
func (c *Couriers) Forget(after time.Duration) { c.known = after }

// Lanes counts the lanes that are remembered.
func (c *Couriers) Lanes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.lanes)
}

// Sweep claims what is overdue on a shared database.
func (c *Couriers) Sweep(ctx context.Context) (more bool, err error) { return c.sweep(ctx) }

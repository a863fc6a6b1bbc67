package delivery

import (
	"net"

	"github.com/kivuko/kivuko/internal/weburl"
)

// Resolve has hosts looked up in another way. It must be called before Start.
func (c *Couriers) Resolve(r *net.Resolver) { c.dialer.tcp.Resolver = r }

// Everywhere has connections made to any address, which leaves the strict profile its other rules. It must be called before Start.
func (c *Couriers) Everywhere() { c.dialer.reach = weburl.Reach{} }

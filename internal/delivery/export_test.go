package delivery

import "net"

// Resolve has hosts looked up in another way. It must be called before Start.
func (c *Couriers) Resolve(r *net.Resolver) { c.dialer.tcp.Resolver = r }

// Everywhere has connections made to any address, which leaves the strict profile its other rules. It must be called before Start.
func (c *Couriers) Everywhere() { c.dialer.tcp.Control = nil }

package delivery

import "net"

// Resolve has hosts looked up in another way. It must be called before Start.
func (c *Couriers) Resolve(r *net.Resolver) { c.dialer.tcp.Resolver = r }

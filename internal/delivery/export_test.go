package delivery

import (
	"context"
	"net"
	"time"

	"github.com/kivuko/kivuko/internal/weburl"
)

// Resolve has hosts looked up in another way. It must be called before Start.
func (s *Sender) Resolve(r *net.Resolver) { s.dialer.TCP.Resolver = r }

// Everywhere has connections made to any address, which leaves the strict profile its other rules. It must be called before Start.
func (s *Sender) Everywhere() { s.dialer.Reach = weburl.Reach{} }

// Forget has queues without work forgotten so soon. It must be called before Start.
func (s *Sender) Forget(after time.Duration) { s.known = after }

// Queues counts the queues that are remembered.
func (s *Sender) Queues() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queues)
}

// Sweep claims what is overdue on a shared database.
func (s *Sender) Sweep(ctx context.Context) (more bool, err error) { return s.sweep(ctx) }

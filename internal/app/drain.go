package app

import "context"

// closeServer refuses new requests and waits a moment for those under way.
func (k *App) closeServer() {
	ctx, cancel := context.WithTimeout(context.Background(), drainRequests)
	defer cancel()
	if err := k.server.Shutdown(ctx); err != nil {
		k.server.Close()
	}
}

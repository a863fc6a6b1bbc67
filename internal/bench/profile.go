package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// profile has the server profile its use of the processor for as long as requests are sent. The function that it returns waits for the
// profile and writes it to the file that the options name; without one it does nothing. The server has to run with --pprof.
func (o *Options) profile(ctx context.Context, base string) (wait func() error) {
	if o.Profile == "" {
		return func() error { return nil }
	}
	profiled := make(chan error, 1)
	go func() {
		url := fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", base, max(1, o.Duration/time.Second))
		profiled <- download(ctx, url, o.Profile)
	}()
	return func() error {
		if err := <-profiled; err != nil {
			return fmt.Errorf("the profile: %w", err)
		}
		return nil
	}
}

// download writes what a server answers to a file.
func download(ctx context.Context, url, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%s answered %s; does the server run with --pprof?", url, answer.Status)
	}
	return os.WriteFile(path, body, 0o644)
}

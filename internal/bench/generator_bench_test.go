package bench

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/daraja"
)

// BenchmarkGenerator measures what the generator itself costs: the fake server that it drives is another process, and
// generator-µs is the CPU of this one for each whole payment.
func BenchmarkGenerator(b *testing.B) {
	for name, open := range networks {
		b.Run(name, func(b *testing.B) {
			program, err := os.Executable()
			if err != nil {
				b.Fatal(err)
			}
			s, err := startServer(b.Context(), program, ":memory:", os.DevNull, 100*time.Millisecond, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer s.stop()
			token, err := daraja.New(s.url, consumerKey, consumerSecret).Token(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			network, err := open()
			if err != nil {
				b.Fatal(err)
			}
			defer network.close()
			g, err := newGenerator(load{
				address: strings.TrimPrefix(s.url, "http://"), token: token, apis: []api{express()}, concurrency: 64, inFlight: 2000, duration: time.Hour,
				limit: uint64(b.N), patience: time.Minute, first: FirstCustomer, customers: 50_000, progress: io.Discard,
			}, network)
			if err != nil {
				b.Fatal(err)
			}
			cpu := ownCPU()
			b.ResetTimer()
			if err := g.run(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64((ownCPU()-cpu).Microseconds())/float64(b.N), "generator-µs/payment")
			if n := g.whole(); n != uint64(b.N) {
				b.Errorf("%d whole payments of %d", n, b.N)
			}
		})
	}
}

// networks are all implementations that run here.
var networks = map[string]func() (network, error){
	"this system's": newNetwork,
	"readers":       func() (network, error) { return newReaders(), nil },
}

// Package metrics counts what happens, for Prometheus. Each Kivuko has counters of its own.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// Metrics hears of requests, units of work, results and attempts.
type Metrics struct {
	registry *prometheus.Registry

	requests  *prometheus.CounterVec
	latency   *prometheus.HistogramVec
	accepted  *prometheus.CounterVec
	completed *prometheus.CounterVec
	attempts  *prometheus.CounterVec
	attempt   *prometheus.HistogramVec
	late      prometheus.Histogram
	unitSize  prometheus.Histogram
	unitTime  prometheus.Histogram
	unitFails prometheus.Counter
	outcomes  *prometheus.CounterVec
	lonely    prometheus.Counter
}

// New makes counters at zero.
func New() *Metrics {
	seconds := prometheus.ExponentialBuckets(0.0005, 2, 16) // half a millisecond to 16 seconds
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kivuko_requests_total", Help: "Requests to the gateway by API and errorCode; accepted ones have no code."}, []string{"api", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kivuko_request_seconds", Help: "How long the gateway took to answer.", Buckets: seconds}, []string{"api"}),
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kivuko_payments_accepted_total", Help: "Payments accepted by kind."}, []string{"kind"}),
		completed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kivuko_payments_completed_total", Help: "Payments that got their result, by kind and result code."}, []string{"kind", "result"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kivuko_callback_attempts_total", Help: "Attempts at delivering results: delivered, refused (an answer other than 2xx) or failed (no answer)."}, []string{"kind", "outcome"}),
		attempt: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kivuko_callback_seconds", Help: "How long merchants' servers took to answer.", Buckets: seconds}, []string{"outcome"}),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kivuko_callback_delay_seconds", Help: "How long results waited for their first attempt.", Buckets: seconds}),
		unitSize: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kivuko_unit_commands", Help: "Commands in a unit of work.", Buckets: prometheus.ExponentialBuckets(1, 2, 11)}),
		unitTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kivuko_unit_seconds", Help: "How long a unit of work took, from loading to the disk.", Buckets: seconds}),
		unitFails: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kivuko_unit_failures_total", Help: "Units of work that the database did not keep, or that had to be decided again."}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kivuko_commit_outcomes_total", Help: "What came of units whose COMMIT was not answered: committed, not_committed, or unknown after half a minute."}, []string{"outcome"}),
		lonely: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kivuko_commits_unreplicated_total", Help: "COMMITs that the database answered before a standby had them. Callers are told when one has."}),
	}
	m.registry.MustRegister(m.requests, m.latency, m.accepted, m.completed, m.attempts, m.attempt, m.late, m.unitSize, m.unitTime, m.unitFails, m.outcomes, m.lonely,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Gauge adds a number that is read when it is asked for.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Handler serves the numbers.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request implements gateway.Stats.
func (m *Metrics) Request(api, code string, took time.Duration) {
	m.requests.WithLabelValues(api, code).Inc()
	m.latency.WithLabelValues(api).Observe(took.Seconds())
}

// Unit implements engine.Stats.
func (m *Metrics) Unit(commands int, took time.Duration, err error) {
	m.unitSize.Observe(float64(commands))
	m.unitTime.Observe(took.Seconds())
	if err != nil {
		m.unitFails.Inc()
	}
}

// Outcome implements engine.Stats.
func (m *Metrics) Outcome(word string) {
	if word == engine.Unreplicated {
		m.lonely.Inc()
		return
	}
	m.outcomes.WithLabelValues(word).Inc()
}

// Attempted implements delivery.Stats.
func (m *Metrics) Attempted(kind mpesa.DeliveryKind, outcome string, took, late time.Duration) {
	m.attempts.WithLabelValues(kind.String(), outcome).Inc()
	m.attempt.WithLabelValues(outcome).Observe(took.Seconds())
	m.late.Observe(late.Seconds())
}

// Listen counts the payments of a committed view. It is an engine.Listener.
func (m *Metrics) Listen(v *mpesa.View) {
	for p, isNew := range mpesa.Changed(v) {
		if isNew {
			m.accepted.WithLabelValues(p.Kind.String()).Inc()
		}
		if p.State.Final() {
			m.completed.WithLabelValues(p.Kind.String(), string(p.Result)).Inc()
		}
	}
}

package access

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Trail writes a line to the log for each request to what is behind a door: who, from where, what, and what came of it. What the door
// refused is a warning. There are no queries in it, where secrets may be, and strangers can't fill it: see Flood.
type Trail struct {
	Log   *slog.Logger
	Door  *Door
	Flood *Flood
}

// entry is what was found out about a request on its way.
type entry struct {
	known   bool   // the door let it in
	who     string // the operator whom it names
	refused string // why it was refused
}

type entryKey struct{}

func entryOf(ctx context.Context) *entry {
	if l, ok := ctx.Value(entryKey{}).(*entry); ok {
		return l
	}
	return new(entry) // nobody writes it
}

// Known notes that the door let a request in.
func Known(ctx context.Context) { entryOf(ctx).known = true }

// Named notes the operator whom a request names.
func Named(ctx context.Context, username string) { entryOf(ctx).who = username }

// Refused notes why a request was refused.
func Refused(ctx context.Context, why string) { entryOf(ctx).refused = why }

// Handler serves next, which is called what part says, and writes the lines.
func (t *Trail) Handler(part string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l, start, answer := new(entry), time.Now(), &answer{ResponseWriter: w, status: http.StatusOK}
		defer func() { t.write(part, r, l, answer.status, time.Since(start)) }() // also when next gives up half-way
		next.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), entryKey{}, l)))
	})
}

func (t *Trail) write(part string, r *http.Request, l *entry, status int, took time.Duration) {
	level := slog.LevelInfo
	if l.refused != "" {
		level = slog.LevelWarn
	}
	if !t.Log.Enabled(r.Context(), level) || !l.known && !t.Flood.Allow(t.Log) {
		return
	}
	attrs := []slog.Attr{
		slog.String("part", part), slog.String("from", t.Door.Client(r).String()), slog.String("method", clip(r.Method)), slog.String("path", clip(r.URL.Path)),
		slog.Int("status", status), slog.Duration("took", took),
	}
	if l.who != "" {
		attrs = append(attrs, slog.String("operator", clip(l.who)))
	}
	if l.refused != "" {
		attrs = append(attrs, slog.String("refused", clipAt(l.refused, 400)))
	}
	t.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// answer notes the status of an answer.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flood bounds the lines that strangers cause: so many a second are written, and of the others how many they were.
type Flood struct {
	mu     sync.Mutex
	second int64
	lines  int // in that second
	unsaid int
}

// linesASecond are what strangers' requests may write.
const linesASecond = 20

// Allow reports whether a line may be written now. It says first how many were not.
func (f *Flood) Allow(log *slog.Logger) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now().Unix(); now != f.second {
		f.second, f.lines = now, 0
		if f.unsaid > 0 {
			log.Warn("more requests of strangers came than are logged", "unlogged", f.unsaid)
			f.unsaid = 0
		}
	}
	if f.lines++; f.lines > linesASecond {
		f.unsaid++
		return false
	}
	return true
}

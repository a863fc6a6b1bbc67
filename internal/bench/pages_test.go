package bench

import (
	"slices"
	"testing"
	"time"
)

func TestLiveParts(t *testing.T) {
	parts := liveParts([]byte(`<p id="a">no</p><div id="b" class="x" data-live="phone:1 journal" data-live-pause="250" hx-get="/x?a=1&amp;b=2" hx-trigger="live"><b>more</b></div>
		<i data-live="nothing to ask"></i>`))
	if len(parts) != 1 {
		t.Fatalf("%d parts", len(parts))
	}
	if p := parts[0]; p.id != "b" || p.from != "/x?a=1&b=2" || !slices.Equal(p.topics, []string{"phone:1", "journal"}) || p.most != 250*time.Millisecond {
		t.Errorf("%+v", p)
	}
}

func TestSlowPagesFailARun(t *testing.T) {
	got := slow([]Page{{Path: "/", Status: 200, Times: 9, P95: 99}, {Path: "/a", Status: 500, Times: 9}, {Path: "/b", Status: 200, Times: 9, P95: 101}, {Path: "/c", Status: 200}})
	if len(got) != 3 {
		t.Errorf("it says %q", got)
	}
}

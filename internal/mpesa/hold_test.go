package mpesa_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// A phone is held while anybody holds it, in whatever order that is heard: a page may be left before or after its successor takes the
// phones, and each puts down only what it holds itself.
func TestAPhoneIsHeldWhileAnybodyHoldsIt(t *testing.T) {
	for _, x := range []struct {
		name  string
		steps string // "a+75": a holds it for 75 seconds; "a-": a puts it down; "10s": time passes
		want  int    // seconds from the last step that it is held; 0: it is not
	}{
		{"one page", "a+75", 75},
		{"one page that says so again", "a+75 15s a+75", 75},
		{"one page that is left", "a+75 a-", 0},
		{"one page that goes silent", "a+75 76s", 0},
		{"a reload, told in order", "a+75 a- b+75", 75},
		{"a reload, whose farewell comes late", "a+75 b+75 a-", 75},
		{"a reload, whose farewell comes twice", "a+75 b+75 a- a-", 75},
		{"a page that the browser brings back", "a+75 a- a+75", 75},
		{"back and forward", "a+75 b+30 a- b+75 c+30 b- c+75", 75},
		{"two tabs, of which one is closed", "a+75 b+75 a-", 75},
		{"two tabs, of which the other is closed", "a+75 b+75 b-", 75},
		{"two tabs, both closed", "a+75 b+75 b- a-", 0},
		{"two tabs, of which one goes silent", "a+75 b+75 60s b+75 16s a-", 59},
		{"two tabs, the one with the longer hold closed", "a+75 10s b+75 b-", 65},
		{"a stranger's farewell", "a+75 c-", 75},
		{"the command line beside a page", "+60 a+75 -", 75},
		{"a page beside the command line", "+60 a+30 a-", 60},
		{"a farewell to a phone that nobody holds", "a-", 0},
		{"forty reloads", "a0+75" + reloads(40), 75},
	} {
		t.Run(x.name, func(t *testing.T) {
			b := newBench(t)
			for _, step := range strings.Fields(x.steps) {
				if d, err := time.ParseDuration(step); err == nil && step[0] != '+' {
					b.advance(d)
				} else if by, ok := strings.CutSuffix(step, "-"); ok {
					b.run(&mpesa.HoldPhone{Phone: john, By: by})
				} else {
					by, seconds, _ := strings.Cut(step, "+")
					d, err := time.ParseDuration(seconds + "s")
					if err != nil {
						t.Fatal(err)
					}
					b.run(&mpesa.HoldPhone{Phone: john, By: by, For: d})
				}
			}
			if left := b.subscribers[john].HeldUntil - b.now.UnixMilli(); max(left, 0) != int64(x.want)*1000 {
				t.Errorf("it is held for %d ms more", left)
			}
		})
	}
}

// reloads are some pages, each of which is left when the next has taken the phones.
func reloads(n int) (steps string) {
	for i := range n {
		steps += fmt.Sprintf(" a%d+75 a%d-", i+1, i)
	}
	return steps
}

// However many hold a phone, what is stored of them is bounded. Of too many those are forgotten whose holds end first, so the phone is
// held as long as it should be.
func TestTheHoldersOfAPhoneAreBounded(t *testing.T) {
	b := newBench(t)
	for i := range 100 {
		b.run(&mpesa.HoldPhone{Phone: john, By: fmt.Sprintf("%s%02d", strings.Repeat("p", 30), i), For: time.Duration(100+i) * time.Second})
	}
	s := b.subscribers[john]
	if n := len(strings.Fields(string(s.Holds))); n != 16 || len(s.Holds) > 1000 {
		t.Errorf("%d are remembered, in %d bytes", n, len(s.Holds))
	}
	if left := s.HeldUntil - b.now.UnixMilli(); left != 199_000 {
		t.Errorf("it is held for %d ms more", left)
	}
	b.advance(time.Hour)
	b.takesUp(john, time.Second)
	if n := len(strings.Fields(string(b.subscribers[john].Holds))); n != 1 {
		t.Errorf("an hour later %d are remembered", n)
	}
}

// A prompt that somebody saw waits for them when they are not the only ones who hold the phone, and when all have put it down.
func TestAPromptWaitsForAllWhoHoldThePhone(t *testing.T) {
	b := approving(t)
	b.run(&mpesa.HoldPhone{Phone: john, By: "a", For: 75 * time.Second}, &mpesa.HoldPhone{Phone: john, By: "b", For: 75 * time.Second})
	p := b.push()
	b.run(&mpesa.HoldPhone{Phone: john, By: "a"})
	b.run(falls(p))
	if got := b.payments[p.ID]; got.State != mpesa.Prompting {
		t.Fatalf("after one has put the phone down, it is %s", got.State)
	}
	b.run(&mpesa.HoldPhone{Phone: john, By: "b"})
	b.run(falls(p))
	if got := b.payments[p.ID]; got.State != mpesa.Prompting {
		t.Fatalf("after both have put the phone down, it is %s", got.State)
	}
}

func TestTheNameOfAHolderIsChecked(t *testing.T) {
	for name, good := range map[string]bool{"": true, "a": true, "QCR2AP47VAPUS3GBYXVZKNG65Y": true, "a-b_c": true, "a b": false, "a=1": false, "é": false, strings.Repeat("a", 32): true, strings.Repeat("a", 33): false} {
		if err := mpesa.CheckHolder(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}

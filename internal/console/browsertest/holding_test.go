package browsertest_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/console/browsertest"
	"github.com/kivuko/kivuko/internal/testworld"
)

const johnsWall = "/phones?on=" + testworld.John

// farewell tells the request by which a page that is left puts its phones down: no htmx sends it.
func farewell(r *http.Request) bool {
	return r.URL.Path == "/phones/hold" && r.Header.Get("Hx-Request") == ""
}

// openWall opens a wall with John's phone over a line.
func openWall(t *testing.T) (phones, *slowLine, *browsertest.Page) {
	k := startPhones(t)
	line := slow(t, k.URL())
	p := browsertest.Open(t, line.URL+johnsWall)
	held(p, testworld.John)
	return k, line, p
}

// waits sends a push, and checks that nobody but a person answers it: a phone that nobody holds would approve at once.
func (k phones) waits(p *browsertest.Page, amount int, text string) {
	k.t.Helper()
	k.push(amount)
	p.In(onPhone).WaitText(text)
	if phone := k.phone(testworld.John); phone.Prompt == nil || phone.HeldUntil.IsZero() {
		k.t.Errorf("the phone is %+v", phone)
	}
	p.In(onPhone).Click("Cancel")
	k.result("1032")
}

// However often and fast a wall is loaded again, its phones are held all the time.
func TestAWallThatIsLoadedAgainHoldsItsPhonesAllTheTime(t *testing.T) {
	k, line, p := openWall(t)
	stop, looked := make(chan struct{}), sync.WaitGroup{}
	looks, loose := 0, 0
	looked.Go(func() {
		again := time.NewTicker(time.Millisecond)
		defer again.Stop()
		for {
			select {
			case <-stop:
				return
			case <-again.C:
			}
			phone, err := k.Control().Phone(t.Context(), testworld.John)
			if err != nil {
				t.Error(err)
				return
			}
			if looks++; phone.HeldUntil.IsZero() {
				loose++
			}
		}
	})
	for range 39 {
		p.Go(johnsWall)
	}
	line.Hold(farewell)
	p.Go(johnsWall)
	line.Held(t)
	line.LetGo()
	close(stop)
	looked.Wait()
	if looks < 40 || loose > 0 {
		t.Errorf("of %d times nobody held the phone at %d", looks, loose)
	}
	k.waits(p, 100, "pay Ksh100.00")
}

// Back and forward are loads too.
func TestAWallThatOneGoesBackToHoldsItsPhones(t *testing.T) {
	k, line, p := openWall(t)
	p.Go(johnsWall + "," + jane)
	held(p, jane)
	for i, step := range []string{"back", "forward", "back"} {
		line.Hold(farewell)
		p.Eval("history." + step + "()")
		line.Held(t)
		line.LetGo()
		held(p, testworld.John)
		k.waits(p, 10+i, "pay Ksh1")
	}
}

// Two tabs hold a phone each by itself: when one is left, the other still does.
func TestTwoTabsHoldAPhoneEachByItself(t *testing.T) {
	k, line, p := openWall(t)
	other := p.Beside(johnsWall)
	held(other, testworld.John)
	line.Hold(farewell)
	other.Go("/phones?on=" + jane)
	line.Held(t)
	line.LetGo()
	k.waits(p, 100, "pay Ksh100.00")

	line.Hold(farewell)
	p.Go("/phones?on=" + jane)
	line.Held(t)
	line.LetGo()
	if phone := k.phone(testworld.John); !phone.HeldUntil.IsZero() {
		t.Errorf("no page shows the phone, and it is held until %s", phone.HeldUntil)
	}
	k.push(200)
	k.result("0") // by itself
}

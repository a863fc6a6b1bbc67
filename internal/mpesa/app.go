package mpesa

import (
	"slices"

	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/unit"
)

// Apps are found by their consumer keys.
var Apps = unit.NewTable[string, App]("apps")

// App is a developer's application: what a client authenticates as.
type App struct {
	Key         string   `json:"consumerKey"`
	Secret      string   `json:"consumerSecret"`
	Name        string   `json:"name"`
	Products    []string `json:"products"`
	SpikeArrest int64    `json:"spikeArrest"`       // requests a second; 0 is the profile's, negative is none
	Quota       int64    `json:"quota"`             // requests a day in East Africa Time; 0 is the profile's, negative is none
	Created     int64    `json:"created,omitempty"` // milliseconds; 0: with the installation
	Fault       AppFault `json:"fault,omitempty"`   // what goes wrong with its requests, by order

	GoLive     GoLive    `json:"goLive,omitzero"`      // of a sandbox app: how far it is on its way to production
	Production bool      `json:"production,omitempty"` // it is held to production's rules, whatever the profile
	Shortcode  Shortcode `json:"shortcode,omitempty"`  // of a production app: the only one that it may ask for
}

// AppFault is something that goes wrong at the gateway with an app's requests because somebody ordered it: the request is refused, and
// nothing happens.
type AppFault string

// The faults of apps (MpesaExpressSimulate, error codes).
const (
	NoAppFault    AppFault = ""
	FaultBusy     AppFault = "busy"     // 500.003.02, the system is busy
	FaultInternal AppFault = "internal" // 500.003.1001, internal server error
)

// AllAppFaults lists the faults that can be ordered for an app.
func AllAppFaults() []AppFault { return []AppFault{NoAppFault, FaultBusy, FaultInternal} }

// GoLiveStep is a step on the way to production.
type GoLiveStep string

// The steps, in their order.
const (
	StepTests        GoLiveStep = ""             // the test cases
	StepVerification GoLiveStep = "verification" // who is the organisation, and who speaks for it?
	StepOTP          GoLiveStep = "otp"          // the PIN that the operator's phone got is asked for
	StepProducts     GoLiveStep = "products"     // the choice of APIs
	StepLive         GoLiveStep = "live"         // there is a production app
)

// GoLiveSteps lists the steps in their order.
func GoLiveSteps() []GoLiveStep {
	return []GoLiveStep{StepTests, StepVerification, StepOTP, StepProducts, StepLive}
}

// GoLive is how far a sandbox app is on its way to production. Times are milliseconds.
type GoLive struct {
	Step      GoLiveStep `json:"step,omitempty"`
	Seen      []TestSeen `json:"seen,omitempty"`      // test cases, each once
	Products  []string   `json:"products,omitempty"`  // whose test cases count: those that can be chosen at the end
	Elsewhere bool       `json:"elsewhere,omitempty"` // its owner says that they have tested what wasn't seen here
	Terms     int64      `json:"terms,omitempty"`     // when the owner accepted the terms

	Organisation string        `json:"organisation,omitempty"` // its name, as the owner wrote it
	Shortcode    Shortcode     `json:"shortcode,omitempty"`
	Username     string        `json:"username,omitempty"` // of the operator who speaks for the organisation
	Phone        msisdn.Number `json:"phone,omitempty"`    // of the operator, that the PIN was sent to
	OTP          OneTimePIN    `json:"otp,omitzero"`
	Confirmed    int64         `json:"confirmed,omitempty"`

	App  string `json:"app,omitempty"` // consumer key of the production app
	Live int64  `json:"live,omitempty"`
}

// TestSeen is that the outcome of a test case was seen.
type TestSeen struct {
	Case    string `json:"case"`
	OK      bool   `json:"ok,omitempty"`      // as expected
	At      int64  `json:"at"`                // milliseconds
	Entry   int64  `json:"entry,omitempty"`   // of the journal, which forgets
	Payment int64  `json:"payment,omitempty"` // that came of it; 0: none did
	Note    string `json:"note,omitempty"`    // what was seen, for people
}

// Test finds what was seen of a test case.
func (g *GoLive) Test(name string) (TestSeen, bool) {
	i := slices.IndexFunc(g.Seen, func(t TestSeen) bool { return t.Case == name })
	if i < 0 {
		return TestSeen{}, false
	}
	return g.Seen[i], true
}

// Note adds what was seen since, and tells whether that is news. A success stays one.
func (g *GoLive) Note(seen []TestSeen) (news bool) {
	g.Seen = slices.Clone(g.Seen) // which others may be reading
	for _, t := range seen {
		i := slices.IndexFunc(g.Seen, func(x TestSeen) bool { return x.Case == t.Case })
		switch {
		case i < 0:
			g.Seen = append(g.Seen, t)
		case g.Seen[i].OK || g.Seen[i] == t:
			continue
		default:
			g.Seen[i] = t
		}
		news = true
	}
	return news
}

// liveTries is how many wrong PINs end a verification. No source has it.
const liveTries = 3

// Reached reports whether a step can be taken, for the first time or again.
func (g *GoLive) Reached(step GoLiveStep) bool {
	steps := GoLiveSteps()
	return g.Step != StepLive && slices.Index(steps, step) <= slices.Index(steps, g.Step)
}

// Owner is the operator who speaks for the organisation.
func (g *GoLive) Owner() OperatorID { return OperatorID{g.Shortcode, g.Username} }

// TriesLeft is how many PINs may still be entered for this verification.
func (g *GoLive) TriesLeft() int { return max(liveTries-g.OTP.Wrong, 0) }

func (s GoLiveStep) Title() string {
	return map[GoLiveStep]string{StepTests: "the test cases", StepVerification: "the verification", StepOTP: "the one-time PIN",
		StepProducts: "the choice of APIs", StepLive: "done"}[s]
}

package weburl

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Requirement is one that the documents make of callback URLs.
type Requirement struct {
	Rule   string
	Source string
	Met    bool
	Known  bool   // false: the trial didn't get so far
	Found  string // what was found; "" where the rule is met and there is nothing to say
}

// mostValidation is how long M-PESA waits for the answer to a validation (DarajaTutorial, C2B API).
const mostValidation = 8 * time.Second

// Requirements says which of the documents' requirements a URL meets, given what trying it showed.
func Requirements(text string, t Trial) []Requirement {
	u, err := url.Parse(text)
	if err != nil {
		u = &url.URL{}
	}
	return []Requirement{
		stated("it is https, as production takes nothing else", "wire.md §6.1", u.Scheme == "https", fmt.Sprintf("it begins with %q", u.Scheme)),
		withoutWords(text), reachable(u.Hostname(), t), withoutTester(u.Hostname()),
		stated("its host is written in small letters", "wire.md §4.1", u.Host == strings.ToLower(u.Host), u.Host),
		inTime(t), taken(t),
	}
}

func stated(rule, source string, met bool, found string) Requirement {
	r := Requirement{Rule: rule, Source: source, Met: met, Known: true}
	if !met {
		r.Found = found
	}
	return r
}

func withoutWords(text string) Requirement {
	word := forbidden(text)
	return stated("it contains none of "+strings.Join(words, ", "), "DarajaTutorial, Register URL; wire.md §6.1", word == "", fmt.Sprintf("it contains %q", word))
}

func withoutTester(host string) Requirement {
	name := Tester(host)
	return stated("it isn't a public tester such as ngrok, mockbin or requestbin: often blocked, above all in production", "DarajaTutorial, Register URL", name == "", "it is one of "+name)
}

// reachable is about where the host leads, for every app.
func reachable(host string, t Trial) Requirement {
	r := Requirement{Rule: "its host can be reached over the internet, and isn't localhost", Source: "DarajaTutorial, Register URL; BusinessToPochi, FAQ 2", Known: len(t.Addresses) > 0}
	i := slices.IndexFunc(t.Addresses, func(a netip.Addr) bool { return !Public(a) })
	r.Met = r.Known && i < 0
	if i >= 0 {
		r.Found = fmt.Sprintf("%s leads to %s, which is private", host, t.Addresses[i])
	}
	return r
}

func inTime(t Trial) Requirement {
	r := Requirement{Rule: "a validation URL answers in less than 8 seconds", Source: "DarajaTutorial, C2B API", Known: t.Answer != nil}
	if r.Known {
		r.Met, r.Found = t.Answer.Took < mostValidation, "it took "+t.Answer.Took.Round(time.Millisecond).String()
	}
	return r
}

func taken(t Trial) Requirement {
	r := Requirement{Rule: "it answers with a status of 200 to 299", Source: "wire.md §6.3, inferred", Known: t.Answer != nil}
	if r.Known {
		r.Met, r.Found = t.Answer.Status/100 == 2, fmt.Sprintf("HTTP %d", t.Answer.Status)
	}
	return r
}

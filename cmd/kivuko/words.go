package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/kivuko/kivuko/control"
)

// vars are what the texts of flags refer to. The choices are the words of the control API; what it calls "" has a word here.
func vars() kong.Vars {
	return kong.Vars{
		"stdin":                 stdinHelp,
		"answers":               choices(control.Answers(""), byDefault),
		"standing":              choices(control.Standing(""), inGoodStanding),
		"organisation_kind":     choices(control.OrganisationKind(""), ""),
		"organisation_standing": choices(control.OrganisationStanding(""), inGoodStanding),
		"fault":                 choices(control.Fault(""), noFault),
		"app_fault":             choices(control.AppFault(""), noFault),
		"account":               choices(control.AccountWord(""), ""),
		"channel":               choices(control.Channel(""), ""),
		"channels":              strings.Join(control.Channel("").Choices(), ","),
		"callback_state":        choices(control.CallbackState(""), ""),
		"state":                 choices(control.State(""), ""),
	}
}

// The words of commands for what the control API calls "".
const (
	byDefault      = "default"
	inGoodStanding = "good"
	noFault        = "none"
)

// choices writes the choices of a flag, with a word for "".
func choices(word interface{ Choices() []string }, empty string) string {
	list := slices.Clone(word.Choices())
	if i := slices.Index(list, ""); i >= 0 {
		list[i] = empty
	}
	return strings.Join(list, "|")
}

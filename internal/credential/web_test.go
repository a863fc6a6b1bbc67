package credential

import (
	"strings"
	"testing"
)

func TestPasswordsOfPeople(t *testing.T) {
	for password, says := range map[string]string{
		"Safaricom999!*!":          "",
		"Kv12345a#":                "",
		"with.At@1A!":              "",
		"Short1!":                  "shorter than 8",
		"no-capital1!":             "letters, digits and",
		"nocapital1!":              "no capital letter",
		"NOSMALL12!":               "no small letter",
		"NoDigits!!":               "no digit",
		"NoSpecial123":             "no special character",
		"OnlyNormal@.1":            "no special character",
		"(Parentheses)1!":          "letters, digits and",
		"xAMINAx123!":              "username",
		"1!Xanima1!X":              "username",
		strings.Repeat("Aa1!", 13): "longer than 50",
		"Safaricom999!*! ":         "letters, digits and",
		"Nenosirié1!":              "letters, digits and",
	} {
		problem := WebPasswordProblem(password, "amina")
		if (problem == "") != (says == "") || !strings.Contains(problem, says) {
			t.Errorf("%q: %q; want %q", password, problem, says)
		}
	}
	if problem := WebPasswordProblem("Abcdefg1!", "a"); problem != "" {
		t.Errorf("a short username forbids %q", problem)
	}
}

func TestNobodysHashIsReadAndNobodys(t *testing.T) {
	for _, password := range []string{"", "Safaricom999!*!"} {
		if right, err := Verify(password, Nobody); right || err != nil {
			t.Errorf("%q: %v, %v", password, right, err)
		}
	}
}

func TestAnswersAreComparedWithoutCapitalsAndSpaces(t *testing.T) {
	if got := NormalAnswer("  Starehe \t BOYS "); got != "starehe boys" {
		t.Errorf("got %q", got)
	}
}

func TestEachNobodyHasAHashOfTheirOwn(t *testing.T) {
	a, b := NobodyCalled("a"), NobodyCalled("b")
	if a == b || a == Nobody || len(a) != len(Nobody) {
		t.Errorf("the hashes are %s and %s", a, b)
	}
	if right, err := Verify("", a); right || err != nil {
		t.Errorf("it is somebody's: %t, %v", right, err)
	}
}

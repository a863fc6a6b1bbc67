package credential

import (
	"regexp"
	"strings"
	"testing"
)

func TestAPasswordIsTheOneOfItsHash(t *testing.T) {
	first, err := Hash("Safaricom999!*!")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(first) {
		t.Errorf("the hash is %s", first)
	}
	for password, want := range map[string]bool{"Safaricom999!*!": true, "Safaricom999!*": false, "safaricom999!*!": false, "": false} {
		if right, err := Verify(password, first); right != want || err != nil {
			t.Errorf("Verify(%q) = %v, %v", password, right, err)
		}
	}
	if second, err := Hash("Safaricom999!*!"); second == first || err != nil {
		t.Errorf("the second hash of a password is %s, %v: the same as its first", second, err)
	}
}

// The vector is of the reference implementation, phc-winner-argon2 (src/test.c).
func TestHashesOfOtherProgramsAreRead(t *testing.T) {
	hash := "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for password, want := range map[string]bool{"password": true, "passwore": false} {
		if right, err := Verify(password, hash); right != want || err != nil {
			t.Errorf("Verify(%q) = %v, %v", password, right, err)
		}
	}
}

func TestABrokenHashIsAnError(t *testing.T) {
	const salt, sum = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for name, hash := range map[string]string{
		"empty":              "",
		"a password":         "Safaricom999!*!",
		"another algorithm":  "$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + sum,
		"another version":    "$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + sum,
		"no version":         "$argon2id$m=256,t=2,p=1$" + salt + "$" + sum,
		"no sum":             "$argon2id$v=19$m=256,t=2,p=1$" + salt,
		"a short sum":        "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$c29tZXNhbHQ",
		"a short salt":       "$argon2id$v=19$m=256,t=2,p=1$c29t$" + sum,
		"something behind":   "$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + sum + "$",
		"costs out of order": "$argon2id$v=19$t=2,m=256,p=1$" + salt + "$" + sum,
		"another cost":       "$argon2id$v=19$m=256,t=2,p=1,x=1$" + salt + "$" + sum,
		"no passes":          "$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + sum,
		"no threads":         "$argon2id$v=19$m=256,t=2,p=0$" + salt + "$" + sum,
		"a gigabyte":         "$argon2id$v=19$m=1048576,t=2,p=1$" + salt + "$" + sum,
		"too many passes":    "$argon2id$v=19$m=256,t=4000000000,p=1$" + salt + "$" + sum,
		"beyond an integer":  "$argon2id$v=19$m=99999999999,t=2,p=1$" + salt + "$" + sum,
		"a negative cost":    "$argon2id$v=19$m=-256,t=2,p=1$" + salt + "$" + sum,
		"padded base64":      "$argon2id$v=19$m=256,t=2,p=1$" + salt + "=$" + sum + "=",
	} {
		if right, err := Verify("password", hash); right || err == nil {
			t.Errorf("%s: Verify is %v without an error", name, right)
		}
	}
}

func TestAPasswordThatNoCredentialHoldsIsNotHashed(t *testing.T) {
	for _, size := range []int{0, 246} {
		if hash, err := Hash(strings.Repeat("x", size)); err == nil {
			t.Errorf("%d characters have the hash %s", size, hash)
		}
	}
}

func TestPasswordProblem(t *testing.T) {
	for password, want := range map[string]string{
		// In wide circulation (wire.md §20).
		"Safaricom999!*!": "", "Safaricom123!!": "", "Safaricom3021#": "", "Safaricom272!": "",
		// BusinessToCustomer, BusinessToPochi: Important Information.
		"abc#&%$123": "", "name@2026": "",
		"secret(1)": `'('`, "secret)12": `')'`,
		// BusinessToPochi, setting the password: avoid "@ or ."; not refused.
		"first.last": "",
		// Our choices.
		"12345678": "", "1234567": "shorter than 8", "": "shorter than 8",
		strings.Repeat("x", 245): "", strings.Repeat("x", 246): "longer than 245",
		"two words": `' '`, "password\n": `'\n'`, "pässwörd": `'ä'`, "pass-word": `'-'`, "pass_word": `'_'`, "12345678\xff": "character",
	} {
		problem := PasswordProblem(password)
		if (problem == "") != (want == "") || !strings.Contains(problem, want) {
			t.Errorf("PasswordProblem(%.20q) = %q; want %q in it", password, problem, want)
		}
	}
}

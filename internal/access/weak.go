package access

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const minPassword = 8 // characters

// guessed are words that lists of common passwords begin with, alone, twice, or with digits and marks around them.
var guessed = []string{"abc", "abcd", "abcdefgh", "admin", "administrator", "asdf", "asdfghjkl", "baseball", "changeit", "changeme", "daraja", "default", "dragon",
	"football", "iloveyou", "kenya", "kivuko", "letmein", "login", "mpesa", "m-pesa", "master", "monkey", "nairobi", "pass", "passw", "password", "passwd", "princess",
	"qazwsx", "qwerty", "qwertyuiop", "root", "safaricom", "secret", "sunshine", "superman", "test", "testing", "trustno", "user", "welcome", "zxcvbnm"}

// Weak says what is wrong with a password, "" when it is one that takes long to guess.
func Weak(password string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword:
		return fmt.Sprintf("the password has %d characters; it needs %d, and more are better", n, minPassword)
	case strings.TrimSpace(password) != password:
		return "the password begins or ends with a space, which programs and people lose"
	case few(password) || inARow(password) || common(password):
		return "the password is one of those that are guessed first: take something longer that nobody else has, such as four words"
	}
	return ""
}

// few reports whether a password has fewer than four different characters.
func few(password string) bool {
	different := map[rune]bool{}
	for _, c := range password {
		different[c] = true
	}
	return len(different) < 4
}

// inARow reports whether each character follows the one before, up or down: 12345678, hgfedcba; 0 may follow 9.
func inARow(password string) bool {
	runes := []rune(password)
	for _, step := range []rune{1, -1} {
		row := true
		for i := 1; i < len(runes); i++ {
			row = row && (runes[i]-runes[i-1] == step || runes[i-1] == '9' && runes[i] == '0')
		}
		if row {
			return true
		}
	}
	return false
}

// common reports whether a password is a common one, or two of the same, but for digits and marks around it, and for what people write for letters.
func common(password string) bool {
	written := strings.NewReplacer("@", "a", "0", "o", "3", "e", "$", "s")
	for _, text := range []string{strings.ToLower(password), written.Replace(strings.ToLower(password))} {
		word := strings.TrimFunc(text, func(c rune) bool { return !unicode.IsLetter(c) })
		half := word[:len(word)/2]
		if slices.Contains(guessed, word) || half+half == word && slices.Contains(guessed, half) || word == "" && utf8.RuneCountInString(text) < 12 {
			return true
		}
	}
	return false
}

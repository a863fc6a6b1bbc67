// Package codetest holds the catalogue to its word: for every result code and every API that gives it, and for every error of the
// gateway, a test makes the state through the public APIs and sees the code arrive.
package codetest

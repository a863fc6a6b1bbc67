// Package mpesa is the rules: who may pay whom, what it costs, what forbids it and what becomes of it. Everything in it is a
// pure function of the rows in a View and of the time; it does no input or output, has no clock and no chance of its own.
//
// Start with [AcceptPush], which opens a prompt, and [AnswerPrompt] and [Due], which lead to settle: there the money
// moves. The amounts that the rules compare come from data/limits.json and data/tariffs.json.
package mpesa

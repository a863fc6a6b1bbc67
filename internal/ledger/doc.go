// Package ledger is the kernel of money: who owns accounts, what is in them and reserved of them, and the transfers between them. It knows
// nothing of payments, and only the numbers of what moves money or holds it. Its functions are pure, over the rows of a unit of work.
package ledger

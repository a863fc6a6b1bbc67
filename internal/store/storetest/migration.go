package storetest

import (
	"fmt"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/store"
)

// InTheWay lists what lets a step of bringing version 1 up to date fail when most of it is done: what to create, and to drop again.
func InTheWay() []struct{ What, Drop string } {
	return []struct{ What, Drop string }{{"INDEX payments_waiting ON payments (id)", "INDEX payments_waiting"}, {"TABLE audit (id bigint)", "TABLE audit"}}
}

// VersionOne is SQL that fills the tables of version 1 of the schema as that version did: a customer who had money and paid a shop,
// with a callback that was delivered, and who is asked again. blob writes bytes, given in hexadecimal digits, as the database does.
func VersionOne(blob func(hex string) string) string {
	return fmt.Sprintf(`
		INSERT INTO settings VALUES ('next_id', '100011'), ('world', 'made');
		INSERT INTO organisations VALUES (174379, '{"shortcode":174379,"name":"Duka","kind":"paybill","passkey":"secret","tariff":"mgao","maxBalance":"5.00"}');
		INSERT INTO apps VALUES ('key', '{"consumerKey":"key","consumerSecret":"secret","name":"duka","products":["M-Pesa"],"spikeArrest":0,"quota":7}');
		INSERT INTO tokens VALUES ('token', 'key', '["M-Pesa"]', 1000, 2000);
		INSERT INTO subscribers VALUES (254708374149, 'Achieng Odhiambo', %s, 1, 2, 3, 'ask', -1, '', '');
		INSERT INTO accounts VALUES (%d, -1000, 0, 0, 0, %s, 0, 0), (%d, 550, 0, 20000, 400, %s, 100002, 5000), (%d, 400, 0, 0, 0, %s, 0, 0), (%d, 50, 0, 0, 0, %s, 0, 0);
		INSERT INTO payments VALUES
			(100001, 2, 1, 0, 254708374149, 0, 1000, 1000, 0, 1000, '0', 0, '{"desc":"registration"}'),
			(100002, 1, 1, 254708374149, 174379, 174379, 400, 4000, 0, 5000, '0', 0, '{"type":"CustomerPayBillOnline","url":"http://duka/","ref":"INV-1"}'),
			(100003, 1, 0, 254708374149, 174379, 174379, 500, 6000, 96000, 0, '', 0, '{"type":"CustomerPayBillOnline","url":"http://duka/","ref":"INV-2"}');
		INSERT INTO transfers VALUES (1600016, %d, %d, 1000, 1, 1000, -1000, 1000), (1600033, %d, %d, 50, 2, 5000, 550, 50), (1600032, %d, %d, 400, 1, 5000, 600, 400);
		INSERT INTO deliveries VALUES (1600032, 1, 1, 174379, 0, 'http://duka/', '[{"at":5001,"status":200,"us":700}]')`,
		blob("01020304000000000000000000000000"), trust, blob(""), wallet, blob("90038827"), shop.Party().Account(mpesa.Utility), blob(""), fees, blob(""),
		trust, wallet, wallet, fees, wallet, shop.Party().Account(mpesa.Utility))
}

// afterVersionOne is what those rows are now.
func afterVersionOne() []any {
	push := mpesa.Details{TransactionType: mpesa.CustomerPayBillOnline, CallBackURL: "http://duka/", Reference: "INV-1"}
	again := push
	again.Reference = "INV-2"
	return []any{
		mpesa.Organisation{Shortcode: shop, Name: "Duka", Kind: mpesa.PayBill, Passkey: "secret", Tariff: "mgao", MaxBalance: 500},
		mpesa.Subscriber{MSISDN: achieng, Name: "Achieng Odhiambo", PIN: rightPIN, WrongPINs: 1, Unanswered: 2, BlockedUntil: 3, Answers: mpesa.Ask, AfterMS: -1},
		mpesa.Account{ID: trust, Balance: -1000, Entries: 1},
		mpesa.Account{ID: wallet, Balance: 550, Entries: 3, Day: 20_000, Spent: 400, Recent: []mpesa.Recent{{Amount: 400, At: 5000}}, LastPayment: 100_002, LastAccepted: 5000},
		mpesa.Account{ID: shop.Party().Account(mpesa.Utility), Balance: 400, Entries: 1}, mpesa.Account{ID: fees, Balance: 50, Entries: 1},
		mpesa.Payment{ID: 100_001, Kind: mpesa.Deposit, State: mpesa.Completed, Payee: achieng1, Amount: 1000, AcceptedAt: 1000, FinishedAt: 1000, Result: "0",
			Details: mpesa.Details{Description: "registration"}},
		mpesa.Payment{ID: 100_002, Kind: mpesa.Express, State: mpesa.Completed, Payer: achieng1, Payee: shop.Party(), Business: shop, Amount: 400,
			AcceptedAt: 4000, FinishedAt: 5000, Result: "0", Details: push},
		mpesa.Payment{ID: 100_003, Kind: mpesa.Express, Payer: achieng1, Payee: shop.Party(), Business: shop, Amount: 500, AcceptedAt: 6000, DueAt: 96_000, Details: again},
		mpesa.Delivery{ID: 1_600_032, Kind: mpesa.ExpressResult, State: mpesa.Delivered, Owner: shop, URL: "http://duka/",
			Attempts: []mpesa.Attempt{{At: 5001, Status: 200, Micros: 700}}},
	}
}

// CheckVersionOne sees that a database that VersionOne has filled is whole after it was opened, that it takes the rows of this
// version, and that it can be opened once more.
func CheckVersionOne(t *testing.T, s Database) {
	old := afterVersionOne()
	hasRows(t, "of version 1", s, old)
	same(t, "setting", must[string](t)(s.Setting(t.Context(), "world")), "made")
	same(t, "next number", must[int64](t)(s.Reserve(t.Context(), 1)), 100_011)
	same(t, "app", must[*mpesa.App](t)(s.App(t.Context(), "key")), &mpesa.App{Key: "key", Secret: "secret", Name: "duka", Products: []string{"M-Pesa"}, Quota: 7})
	same(t, "token", must[*mpesa.Token](t)(s.Token(t.Context(), "token")), &mpesa.Token{Token: "token", App: "key", Products: []string{"M-Pesa"}, Issued: 1000, Expires: 2000})
	same(t, "books", must[store.Books](t)(s.Books(t.Context())), store.Books{Accounts: 4, Transfers: 3, Payments: 3, Open: 1})

	principal := mpesa.Transfer{ID: 1_600_032, Debit: wallet, Credit: shopUtility, Amount: 400, Kind: mpesa.Principal, At: 5000, DebitAfter: 600, CreditAfter: 400, DebitEntry: 2, CreditEntry: 1}
	charge := mpesa.Transfer{ID: 1_600_033, Debit: wallet, Credit: fees, Amount: 50, Kind: mpesa.CustomerCharge, At: 5000, DebitAfter: 550, CreditAfter: 50, DebitEntry: 3, CreditEntry: 1}
	same(t, "transfers", must[[]mpesa.Transfer](t)(s.Transfers(t.Context(), 100_002)), []mpesa.Transfer{principal, charge})
	same(t, "statement", must[[]mpesa.Transfer](t)(s.Entries(t.Context(), shopUtility, store.Period{To: 1e15}, store.Entry{}, 10)), []mpesa.Transfer{principal})

	rows, changed := everything()
	rows = append(rows, key{originator("1"), 100_004}, mpesa.Payment{ID: 100_004, Kind: mpesa.B2C, State: mpesa.Queued, Payer: shop.Party(), DueAt: 7000})
	put(t, s, rows...)
	hasRows(t, "new", s, rows)
	put(t, s, changed...)
	hasRows(t, "changed", s, changed)
	same(t, "waiting", must[[]store.DuePayment](t)(s.DuePayments(t.Context(), 100_000, 10)),
		[]store.DuePayment{{Payment: 100_004, Payer: shop.Party(), DueAt: 7000}, {Payment: 100_003, Payer: achieng1, DueAt: 96_000}})

	s.Store = s.Again(t)
	hasRows(t, "of version 1, opened again", s, old)
	hasRows(t, "changed, opened again", s, changed)
}

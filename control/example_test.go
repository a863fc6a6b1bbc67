package control_test

import (
	"context"
	"fmt"

	"github.com/kivuko/kivuko"
	"github.com/kivuko/kivuko/control"
)

// A test gives a customer little money, has them pay, and looks at what came of it and at the books.
func Example() {
	ctx := context.Background()
	k, err := kivuko.Start(ctx, kivuko.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer k.Close()
	client := control.New(k.URL())

	balance := control.Shillings(30)
	if _, _, err := client.PutPhone(ctx, "0712345678", control.PhoneChange{Balance: &balance}); err != nil {
		fmt.Println(err)
		return
	}
	for _, amount := range []int64{20, 40} {
		p, err := client.Pay(ctx, "0712345678", control.Pay{Shortcode: "600996", Amount: control.Shillings(amount), Account: "INV-1", PIN: "1234"})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Amount, p.State, p.ResultDesc)
	}
	books, err := client.Books(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the books are right:", books.Balanced())
	// Output:
	// 20.00 completed The service request is processed successfully.
	// 40.00 failed The balance is insufficient for the transaction.
	// the books are right: true
}

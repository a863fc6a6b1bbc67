package mpesa_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/internal/mpesa"
)

func TestEachCommandIsOneOperationOfOneKind(t *testing.T) {
	seen := map[string]mpesa.Kind{}
	for _, op := range mpesa.Operations() {
		if kind, twice := seen[op.Command]; twice {
			t.Errorf("%s is a %s and a %s", op.Command, kind, op.Kind)
		}
		seen[op.Command] = op.Kind
		if found, ok := mpesa.FindOperation(op.Kind, op.Command); !ok || !reflect.DeepEqual(found, op) {
			t.Errorf("%s is found as %+v", op.Command, found)
		}
		for kind := mpesa.Express; kind <= mpesa.StandingOrder; kind++ {
			if _, ok := mpesa.FindOperation(kind, op.Command); ok != (kind == op.Kind) {
				t.Errorf("%s as a %s is found: %v", op.Command, kind, ok)
			}
		}
		if !op.Kind.Initiated() || !slices.Contains(mpesa.AllRoles(), op.Role) || !slices.Contains(mpesa.Commands(op.Kind), op.Command) {
			t.Errorf("%+v", op)
		}
		// A move between own accounts is free and needs no product; the statement of every payment has a reason.
		moves := op.Kind.MovesMoney()
		if op.Own && (op.Tariff != "" || op.Product != "") || moves != (op.Reason != "") || (op.Tariff != "") != (op.Charge != "") || moves && op.Kind != mpesa.Reversal && op.From == op.To && op.Own {
			t.Errorf("%+v", op)
		}
	}
	for _, kind := range []mpesa.Kind{mpesa.Express, mpesa.C2B, mpesa.Deposit, mpesa.Withdrawal, mpesa.SendMoney, mpesa.OwnMove, mpesa.RevenueSettled, mpesa.B2BExpress, mpesa.StandingOrder} {
		if kind.Initiated() || mpesa.Commands(kind) != nil {
			t.Errorf("an initiator can ask for a %s by %v", kind, mpesa.Commands(kind))
		}
	}
}

func TestOperationsAreTheCallersToKeep(t *testing.T) {
	list := mpesa.Operations()
	list[0].Role = "changed"
	if mpesa.Operations()[0].Role == "changed" {
		t.Error("the table was changed")
	}
}

func TestTariffsThatOperationsNameExist(t *testing.T) {
	b := newOffice(t)
	for _, op := range mpesa.Operations() {
		if op.Tariff != "" {
			if _, _, err := b.policy.Rules.Charges(op.Tariff, 100, b.now); err != nil {
				t.Errorf("%s: %v", op.Command, err)
			}
		}
	}
}

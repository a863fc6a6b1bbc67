package controlapi

import (
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// getAccounts shows an organisation's accounts.
func (s *server) getAccounts(r *request[inOrganisation, none]) (*control.Accounts, error) {
	_, o, err := s.seeing(r.Request, portal.ViewMoney, "view accounts", "")
	if err != nil {
		return nil, err
	}
	accounts, err := s.Store.Accounts(r.Context(), o.Shortcode.Party())
	return &control.Accounts{Accounts: accountsOf(o, accounts)}, err
}

// accountsOf shows an organisation's accounts in M-PESA's order, those too that nothing was ever posted to. Only agencies have a float.
func accountsOf(o *mpesa.Organisation, accounts []mpesa.Account) []control.Account {
	list := []control.Account{}
	for _, kind := range mpesa.OrganisationAccounts() {
		i := slices.IndexFunc(accounts, func(a mpesa.Account) bool { return a.ID.Kind() == kind })
		a := mpesa.Account{ID: o.Shortcode.Party().Account(kind)}
		if i >= 0 {
			a = accounts[i]
		} else if kind == mpesa.Float {
			continue
		}
		list = append(list, control.Account{Name: kind.String(), Current: control.Amount(a.Balance), Available: control.Amount(a.Available()), Reserved: control.Amount(a.Held)})
	}
	return list
}

// getTariffs tells what an organisation's payments cost now, and which limits hold.
func (s *server) getTariffs(r *request[inOrganisation, none]) (*control.Tariffs, error) {
	_, o, err := s.seeing(r.Request, portal.ViewMoney, "view tariffs", "")
	if err != nil {
		return nil, err
	}
	tables, err := s.tables()
	if err != nil {
		return nil, err
	}
	today := s.Clock.Now().In(clock.EAT).Format(dayLayout)
	shown := &control.Tariffs{Tariffs: []control.Tariff{}}
	for _, l := range tables.Limits { // the oldest first
		if l.Name == "standard" && l.From <= today {
			shown.Limits = l
		}
	}
	if shown.Balance = shown.Limits.ReceiverBalance; o.MaxBalance != 0 {
		shown.Balance = min(shown.Balance, control.Amount(o.MaxBalance))
	}
	for _, applied := range o.AppliedTariffs() {
		t := control.Tariff{Payments: applied.Payments}
		for _, version := range tables.Tariffs {
			if version.Name == applied.Tariff && (version.From <= today || t.Tariff.Name == "") {
				t.Tariff = version
			}
		}
		shown.Tariffs = append(shown.Tariffs, t)
	}
	return shown, nil
}

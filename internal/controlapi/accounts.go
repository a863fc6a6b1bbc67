package controlapi

import (
	"slices"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// getAccounts shows an organisation's accounts.
func (s *server) getAccounts(r *request[inOrganisation, none]) (*api.Accounts, error) {
	_, o, err := s.seeing(r.Request, mpesa.ViewMoney, "view accounts", "")
	if err != nil {
		return nil, err
	}
	accounts, err := s.Store.Accounts(r.Context(), o.Shortcode.Party())
	return &api.Accounts{Accounts: accountsOf(o, accounts)}, err
}

// accountsOf shows an organisation's accounts in M-PESA's order, those too that nothing was ever posted to. Only agencies have a float.
func accountsOf(o *mpesa.Organisation, accounts []mpesa.Account) []api.Account {
	list := []api.Account{}
	for _, kind := range mpesa.OrganisationAccounts() {
		i := slices.IndexFunc(accounts, func(a mpesa.Account) bool { return a.ID.Kind() == kind })
		a := mpesa.Account{ID: o.Shortcode.Party().Account(kind)}
		if i >= 0 {
			a = accounts[i]
		} else if kind == mpesa.Float {
			continue
		}
		list = append(list, api.Account{Name: kind.String(), Current: api.Amount(a.Balance), Available: api.Amount(a.Available()), Reserved: api.Amount(a.Held)})
	}
	return list
}

// getTariffs tells what an organisation's payments cost now, and which limits hold.
func (s *server) getTariffs(r *request[inOrganisation, none]) (*api.Tariffs, error) {
	_, o, err := s.seeing(r.Request, mpesa.ViewMoney, "view tariffs", "")
	if err != nil {
		return nil, err
	}
	tables, err := s.tables()
	if err != nil {
		return nil, err
	}
	today := s.Clock.Now().In(clock.EAT).Format(dayLayout)
	shown := &api.Tariffs{Tariffs: []api.Tariff{}}
	for _, l := range tables.Limits { // the oldest first
		if l.Name == "standard" && l.From <= today {
			shown.Limits = l
		}
	}
	if shown.Balance = shown.Limits.ReceiverBalance; o.MaxBalance != 0 {
		shown.Balance = min(shown.Balance, api.Amount(o.MaxBalance))
	}
	for _, applied := range o.AppliedTariffs() {
		t := api.Tariff{Payments: applied.Payments}
		for _, version := range tables.Tariffs {
			if version.Name == applied.Tariff && (version.From <= today || t.Tariff.Name == "") {
				t.Tariff = version
			}
		}
		shown.Tariffs = append(shown.Tariffs, t)
	}
	return shown, nil
}

package mpesa_test

import (
	"pgregory.net/rapid"

	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/portal"
)

// What can happen on the portal with two people who have to agree.

// someone is an operator of a shop that has some.
func someone(t *rapid.T) mpesa.Actor {
	s := rapid.SampledFrom([]mpesa.Shortcode{payBill, payBill, till}).Draw(t, "portal")
	return mpesa.Actor{Operator: mpesa.OperatorID{Shortcode: s, Username: rapid.SampledFrom([]string{njeri, wanjiru, otieno, kip, ""}).Draw(t, "who")}, From: "127.0.0.1"}
}

func (m *market) drawTask(t *rapid.T) mpesa.Command {
	by := someone(t)
	own := by.Operator.Shortcode
	c := &portal.Initiate{By: by}
	switch rapid.IntRange(0, 6).Draw(t, "0: move, 1: settle, 2: withdraw, 3: reverse, 4: policy") {
	case 0:
		c.Asked = mpesa.MoveTask(own, rapid.SampledFrom(mpesa.OwnRoutes()).Draw(t, "route"), sum(t))
	case 1:
		c.Asked = mpesa.SettlementTask(own)
	case 2:
		c.Asked = mpesa.WithdrawalTask(own, sum(t))
	case 3:
		original, ok := m.payment(t)
		if list := m.reversible(); len(list) > 0 && rapid.IntRange(0, 4).Draw(t, "0: any payment") > 0 {
			original, ok = rapid.SampledFrom(list).Draw(t, "original"), true
		}
		if !ok {
			return nil
		}
		c.Asked = onPortal(asking(mpesa.TransactionReversal, about(original)))
	case 4:
		policy := rapid.SampledFrom([]mpesa.ApprovalPolicy{{}, {Free: 10_000}, {Second: 100_000}, {Free: 10_000, Second: 10_000}}).Draw(t, "policy")
		return &portal.ChangeApproval{By: by, Free: &policy.Free, Second: &policy.Second}
	default:
		c.Asked = onPortal(m.drawPayment(t, own))
	}
	return c
}

func (m *market) drawDecision(t *rapid.T) mpesa.Command {
	by := someone(t)
	var waiting []int64
	for _, p := range m.waiting() {
		if p.State == mpesa.Approving && p.Business == by.Operator.Shortcode {
			waiting = append(waiting, p.ID)
		}
	}
	p, _ := m.payment(t)
	c := &portal.DecideTask{By: by, Number: p.ID, Approve: rapid.IntRange(0, 3).Draw(t, "0: reject") > 0, Reason: "no"}
	if len(waiting) > 0 {
		c.Number = rapid.SampledFrom(waiting).Draw(t, "task")
	}
	return c
}

package controlapi

import (
	"context"
	"fmt"
	"slices"

	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/seedworld"
	"github.com/kivuko/kivuko/internal/store"
)

// part is a part that the test credentials name and drafts need: its mark, what the control API calls it, and what is said when nobody plays
// it. The commands, in order, make a world in which somebody plays each.
type part struct {
	mark        apis.Mark
	name        string
	none, makes string
}

var testParts = []part{
	{apis.MarkExpress, "expressShortcode", "no pay bill has a passkey", "kivuko org set 600100 --name 'My shop' --kind paybill --passkey new"},
	{apis.MarkShortcode1, "shortcode1", "there is no pay bill", "kivuko org set 600100 --name 'My shop' --kind paybill"},
	{apis.MarkInitiator, "initiatorName", "no pay bill has an API operator", "kivuko operator add %s payer --role 'ORG B2C API initiator' --password -"},
	{apis.MarkShortcode2, "shortcode2", "there is no second pay bill", "kivuko org set 600200 --name 'Another shop' --kind paybill"},
	{apis.MarkTill, "till", "there is no till", "kivuko org set 600300 --name 'My till' --kind till"},
	{apis.MarkPhone, "testMSISDN", "there is no customer", "kivuko phone 254712345678 --balance 1000"},
}

// players are who plays the parts, by their marks. A part that nobody plays is missing.
type players map[apis.Mark]string

// lacks says of a part that nobody plays how somebody is made who does.
func (p players) lacks(x *part) string {
	if x.mark != apis.MarkInitiator {
		return x.makes
	}
	business, ok := p[apis.MarkShortcode1]
	if !ok {
		business = "600100"
	}
	return fmt.Sprintf(x.makes, business)
}

// partsLooked is how many organisations are looked through for those who can play a part.
const partsLooked = 100

// players finds who is meant by the test credentials (DarajaTutorial, API Apps): whom the sample means, where the database has them, or else
// the first who can play the part.
func (s *server) players(ctx context.Context) (players, error) {
	w, err := seedworld.Read()
	if err != nil {
		return nil, err
	}
	f := casting{server: s, ctx: ctx, players: players{}}
	payBill := func(o *mpesa.Organisation) bool { return o.Kind == mpesa.PayBill }
	f.organisation(apis.MarkExpress, w.Test.Express, func(o *mpesa.Organisation) bool { return payBill(o) && o.Passkey != "" })
	f.organisation(apis.MarkShortcode1, w.Test.Shortcode1, func(o *mpesa.Organisation) bool { return payBill(o) && f.initiator(o.Shortcode, "") != "" })
	f.organisation(apis.MarkShortcode1, w.Test.Express, payBill)
	f.organisation(apis.MarkShortcode2, w.Test.Shortcode2, func(o *mpesa.Organisation) bool {
		return payBill(o) && o.Shortcode.String() != f.players[apis.MarkShortcode1]
	})
	f.organisation(apis.MarkTill, w.Test.Till, func(o *mpesa.Organisation) bool { return o.Kind == mpesa.Till })
	if business, played := mpesa.ParseShortcode(f.players[apis.MarkShortcode1]); played {
		f.plays(apis.MarkInitiator, f.initiator(business, w.Test.Initiator))
	}
	f.customer(w.Test.Phone)
	return f.players, f.err
}

// casting finds players. After an error it finds nobody.
type casting struct {
	*server
	ctx     context.Context
	players players
	first   []mpesa.Organisation // read when the sample's are not there
	err     error
}

func (f *casting) plays(mark apis.Mark, who string) {
	if _, played := f.players[mark]; !played && who != "" {
		f.players[mark] = who
	}
}

// organisation finds one for a part that nobody plays yet.
func (f *casting) organisation(mark apis.Mark, preferred mpesa.Shortcode, can func(*mpesa.Organisation) bool) {
	if _, played := f.players[mark]; played || f.err != nil {
		return
	}
	o, err := store.Get(f.ctx, f.Store, mpesa.Registry, preferred)
	if err == nil && o == nil && f.first == nil {
		f.first, err = store.List(f.ctx, f.Store, mpesa.Registry, 0, partsLooked)
	}
	if f.err = err; err != nil {
		return
	}
	if o != nil {
		f.plays(mark, preferred.String())
	} else if i := slices.IndexFunc(f.first, func(o mpesa.Organisation) bool { return can(&o) }); i >= 0 {
		f.plays(mark, f.first[i].Shortcode.String())
	}
}

// initiator finds an API operator of an organisation's: the preferred one, or the first.
func (f *casting) initiator(business mpesa.Shortcode, preferred string) string {
	list, err := f.Store.Operators(f.ctx, business)
	if err != nil {
		f.err = err
		return ""
	}
	list = slices.DeleteFunc(list, func(o mpesa.Operator) bool { return o.Channel != mpesa.ChannelAPI })
	i := slices.IndexFunc(list, func(o mpesa.Operator) bool { return o.Username == preferred })
	switch {
	case i >= 0:
		return preferred
	case len(list) > 0:
		return list[0].Username
	}
	return ""
}

func (f *casting) customer(preferred msisdn.Number) {
	if f.err != nil {
		return
	}
	c, err := store.Get(f.ctx, f.Store, mpesa.Subscribers, preferred)
	if err == nil && c != nil {
		f.plays(apis.MarkPhone, preferred.String())
		return
	}
	list, err := store.List(f.ctx, f.Store, mpesa.Subscribers, 0, 1)
	if f.err = err; err == nil && len(list) > 0 {
		f.plays(apis.MarkPhone, list[0].MSISDN.String())
	}
}

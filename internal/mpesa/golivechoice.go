package mpesa

import (
	"slices"
	"strings"
	"time"
)

// LiveProduct is a group of APIs that a production app can have.
type LiveProduct struct {
	Name  string
	About string
	Needs Product  // that the organisation must be assigned; "": none
	Apart []string // products that can't be on one app with it, unless the shortcode is a One Account
}

// The products of production apps. Where the seeds name one it is called so: "the Lipa na M-PESA production product"
// (MpesaExpressSimulate, FAQ 6), "the B2C product" (BusinessToPochi, FAQ 15).
const (
	LiveExpress    = "Lipa Na M-Pesa Production"
	LiveC2B        = "C2B Production"
	LiveB2C        = "B2C Production"
	LiveB2B        = "B2B Production"
	LiveReversal   = "Reversal Production"
	LiveStatus     = "Transaction Status Production"
	LiveBalance    = "Account Balance Production"
	LivePull       = "Pull Transactions Production"
	LiveRatiba     = "M-Pesa Ratiba Production"
	LiveB2BExpress = "B2B Express Production"
	LiveQR         = "Dynamic QR Production"
	LiveOrgInfo    = "Organisation Query Production"
)

// LiveProducts lists what a production app can have, with what that takes. "If you applied for a C2B shortcode/paybill, it will not be
// allowed to use the B2C API", and the other way round; "the C2B API and Lipa Na M-Pesa API can be used by the same App"
// (DarajaTutorial, API apps). One Accounts receive and pay (BusinessToPochi, introduction and FAQs 17 and 20).
func LiveProducts() []LiveProduct {
	return []LiveProduct{
		{LiveExpress, "M-Pesa Express and its query: customers are asked on the phone", ProductC2B, nil},
		{LiveC2B, "URLs that are told of what customers pay from the phone's menu; payments can't be simulated in production", ProductC2B, nil},
		{LiveB2C, "Payments to customers, and to Pochi la Biashara", ProductB2C, []string{LiveC2B, LiveExpress}},
		{LiveB2B, "Payments to businesses, between own accounts, and of taxes", ProductB2B, nil},
		{LiveReversal, "Taking back what customers paid", ProductReversal, nil},
		{LiveStatus, "What became of a payment", "", nil},
		{LiveBalance, "What is in the accounts", "", nil},
		{LivePull, "What customers paid in the last two days", ProductC2B, nil},
		{LiveRatiba, "Standing orders", ProductC2B, nil},
		{LiveB2BExpress, "Businesses are asked on their owners' phones", ProductC2B, nil},
		{LiveQR, "QR codes that customers pay by", "", nil},
		{LiveOrgInfo, "Whose a shortcode is", "", nil},
	}
}

// OneAccount tells whether the organisation can both receive from customers and pay them.
func OneAccount(o *Organisation) bool { return o.Has(ProductC2B) && o.Has(ProductB2C) }

// CanHave is nil when an app of the organisation's can have the products together, and else says why not.
func CanHave(o *Organisation, products []string) error {
	chosen := slices.DeleteFunc(LiveProducts(), func(p LiveProduct) bool { return !slices.Contains(products, p.Name) })
	for _, p := range chosen {
		for _, other := range p.Apart {
			if slices.Contains(products, other) && !OneAccount(o) {
				return notLive("products", "%s and %s can't be on one app: %s is not a One Account, which both receives and pays", other, p.Name, o.Shortcode)
			}
		}
	}
	for _, p := range chosen {
		if p.Needs != "" && !o.Has(p.Needs) {
			return notLive("products", "%s: %s does not have permission for %s payments, and would need the product %s or a One Account. It has %s",
				p.Name, o.Shortcode, p.Needs, p.Needs, productNames(o))
		}
	}
	return nil
}

func productNames(o *Organisation) string {
	var names []string
	for _, p := range AllProducts() {
		if o.Has(p) {
			names = append(names, string(p))
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// ApplyForLive is the last step: the choice of APIs, of which a production app comes. Nobody has to approve it here.
type ApplyForLive struct {
	GoingLive
	Products []string // by their names in LiveProducts
	Key      string   // of the production app
	Secret   string
	Passkey  string // for M-Pesa Express, where the organisation has none for production yet

	Made App
}

// Need names the organisation with the operator who speaks for it, and the new app too.
func (c *ApplyForLive) Need(v *View) {
	c.GoingLive.Need(v)
	Apps.Need(v, c.Key)
	if !Apps.Loaded(v, c.App) {
		Apps.Lead(v, c.App)
		return
	}
	if a, there := Apps.Get(v, c.App); there && a.GoLive.Shortcode != 0 {
		Registry.Need(v, a.GoLive.Shortcode)
		Operators.Need(v, a.GoLive.Owner())
	}
}

// Decide makes the production app.
func (c *ApplyForLive) Decide(v *View, now time.Time) {
	c.Made = App{}
	c.take(v, StepProducts, func(g *GoLive) error {
		o, there := Registry.Get(v, g.Shortcode)
		if !there {
			return notLive("", "%s is nobody's short code any more", g.Shortcode)
		}
		if err := eligible(&o); err != nil {
			return notLive("", "%v. Verify another short code", err)
		}
		if _, err := findSpeaker(v, g.Owner()); err != nil {
			v.Audit(c.speaker(g), "go live", "app "+c.App, err.Error(), now)
			return notLive("", "whoever spoke for the organisation no longer may: %v. Verify it again", err)
		}
		if err := c.choose(g, &o); err != nil {
			return err
		}
		if _, taken := Apps.Get(v, c.Key); taken {
			panic("mpesa: the consumer key of a new app is another's")
		}
		sandbox, _ := Apps.Get(v, c.App)
		c.Made = App{Key: c.Key, Secret: c.Secret, Name: sandbox.Name + " " + g.Shortcode.String(), Products: slices.Clone(c.Products),
			Created: now.UnixMilli(), Production: true, Shortcode: g.Shortcode}
		Apps.Put(v, c.Key, c.Made)
		if slices.Contains(c.Products, LiveExpress) && o.LivePasskey == "" {
			o.LivePasskey = c.Passkey
			Registry.Put(v, o.Shortcode, o)
		}
		g.Step, g.App, g.Live = StepLive, c.Key, now.UnixMilli()
		v.Audit(c.speaker(g), "go live", "app "+c.App+" became "+c.Key+" with "+strings.Join(c.Products, ", "), "", now)
		return nil
	})
}

func (c *ApplyForLive) choose(g *GoLive, o *Organisation) error {
	if len(c.Products) == 0 {
		return notLive("products", "choose at least one")
	}
	for _, name := range c.Products {
		if !slices.Contains(g.Products, name) {
			return notLive("products", "%s has not been tested: go back to the test cases and choose it there", name)
		}
	}
	return CanHave(o, c.Products)
}

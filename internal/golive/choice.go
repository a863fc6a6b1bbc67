package golive

import (
	"slices"
	"strings"
	"time"

	"github.com/kivuko/kivuko/internal/mpesa"
)

// Product is a group of APIs that a production app can have. The APIs have it: see apis.Live. "If you applied for a C2B
// shortcode/paybill, it will not be allowed to use the B2C API", and the other way round; "the C2B API and Lipa Na M-Pesa API can be used by
// the same App" (DarajaTutorial, API apps). One Accounts receive and pay (BusinessToPochi, introduction and FAQs 17 and 20).
type Product struct {
	Name    string
	About   string
	Needs   mpesa.Product // that the organisation must be assigned; "": none
	Apart   []string      // products that can't be on one app with it, unless the shortcode is a One Account
	Passkey bool          // its requests are signed with a passkey of the organisation
}

// OneAccount reports whether the organisation can both receive from customers and pay them.
func OneAccount(o *mpesa.Organisation) bool {
	return o.Has(mpesa.ProductC2B) && o.Has(mpesa.ProductB2C)
}

// CanHave is nil when an app of the organisation's can have the products together, and else says why not.
func CanHave(o *mpesa.Organisation, products []Product) error {
	for _, p := range products {
		for _, other := range p.Apart {
			if named(products, other) && !OneAccount(o) {
				return notLive("products", "%s and %s can't be on one app: %s is not a One Account, which both receives and pays", other, p.Name, o.Shortcode)
			}
		}
	}
	for _, p := range products {
		if p.Needs != "" && !o.Has(p.Needs) {
			return notLive("products", "%s: %s does not have permission for %s payments, and would need the product %s or a One Account. It has %s",
				p.Name, o.Shortcode, p.Needs, p.Needs, productNames(o))
		}
	}
	return nil
}

func named(products []Product, name string) bool {
	return slices.ContainsFunc(products, func(p Product) bool { return p.Name == name })
}

func productNames(o *mpesa.Organisation) string {
	var names []string
	for _, p := range mpesa.AllProducts() {
		if o.Has(p) {
			names = append(names, string(p))
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Apply is the last step: the choice of APIs, of which a production app comes. Nobody has to approve it here.
type Apply struct {
	GoingLive
	Offered  []Product // what there is to choose from
	Products []string  // by their names
	Key      string    // of the production app
	Secret   string
	Passkey  string // for M-Pesa Express, where the organisation has none for production yet

	Made mpesa.App
}

// Need names the organisation with the operator who speaks for it, and the new app too.
func (c *Apply) Need(v *mpesa.View) {
	c.GoingLive.Need(v)
	mpesa.Apps.Need(v, c.Key)
	if !mpesa.Apps.Loaded(v, c.App) {
		mpesa.Apps.Lead(v, c.App)
		return
	}
	if a, there := mpesa.Apps.Get(v, c.App); there && a.GoLive.Shortcode != 0 {
		mpesa.Registry.Need(v, a.GoLive.Shortcode)
		mpesa.Operators.Need(v, a.GoLive.Owner())
	}
}

// Decide makes the production app.
func (c *Apply) Decide(v *mpesa.View, now time.Time) {
	c.Made = mpesa.App{}
	c.take(v, mpesa.StepProducts, func(g *mpesa.GoLive) error {
		o, there := mpesa.Registry.Get(v, g.Shortcode)
		if !there {
			return notLive("", "%s is nobody's short code any more", g.Shortcode)
		}
		if err := eligible(&o); err != nil {
			return notLive("", "%v. Verify another short code", err)
		}
		if _, err := findSpeaker(v, g.Owner()); err != nil {
			v.Audit(c.speaker(g), "go live", "app "+c.App, err.Error(), now)
			return notLive("", "the operator who spoke for the organisation no longer may: %v. Verify it again", err)
		}
		if err := c.choose(g, &o); err != nil {
			return err
		}
		if _, taken := mpesa.Apps.Get(v, c.Key); taken {
			panic("mpesa: the consumer key of a new app is another's")
		}
		sandbox, _ := mpesa.Apps.Get(v, c.App)
		c.Made = mpesa.App{Key: c.Key, Secret: c.Secret, Name: sandbox.Name + " " + g.Shortcode.String(), Products: slices.Clone(c.Products),
			Created: now.UnixMilli(), Production: true, Shortcode: g.Shortcode}
		mpesa.Apps.Put(v, c.Key, c.Made)
		if slices.ContainsFunc(c.chosen(), func(p Product) bool { return p.Passkey }) && o.LivePasskey == "" {
			o.LivePasskey = c.Passkey
			mpesa.Registry.Put(v, o.Shortcode, o)
		}
		g.Step, g.App, g.Live = mpesa.StepLive, c.Key, now.UnixMilli()
		v.Audit(c.speaker(g), "go live", "app "+c.App+" became "+c.Key+" with "+strings.Join(c.Products, ", "), "", now)
		return nil
	})
}

func (c *Apply) choose(g *mpesa.GoLive, o *mpesa.Organisation) error {
	if len(c.Products) == 0 {
		return notLive("products", "choose at least one")
	}
	for _, name := range c.Products {
		if !slices.Contains(g.Products, name) {
			return notLive("products", "%s has not been tested: go back to the test cases and choose it there", name)
		}
	}
	return CanHave(o, c.chosen())
}

func (c *Apply) chosen() []Product {
	return slices.DeleteFunc(slices.Clone(c.Offered), func(p Product) bool { return !slices.Contains(c.Products, p.Name) })
}

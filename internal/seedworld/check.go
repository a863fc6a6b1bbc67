package seedworld

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"

	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/money"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/portal"
)

// checker sees that a world can be made. It keeps the first thing that is wrong.
type checker struct {
	text        []byte
	world       *World
	rules       *mpesa.Rulebook
	appProducts []string

	err error
}

// check notes what is wrong with the value of a JSON pointer, unless all is well.
func (c *checker) check(ok bool, pointer, format string, args ...any) {
	if !ok && c.err == nil {
		c.err = at(c.text, offset(c.text, pointer), pointer, format, args...)
	}
}

// oneOf checks that a value is one of those that are allowed.
func oneOf[T ~string](c *checker, value T, allowed []T, pointer string) {
	c.check(slices.Contains(allowed, value), pointer, "%q is none of %q", value, allowed)
}

// allOf checks that each value is one of those that are allowed.
func allOf[T ~string](c *checker, values, allowed []T, pointer string) {
	for i, v := range values {
		oneOf(c, v, allowed, fmt.Sprintf("%s/%d", pointer, i))
	}
}

var (
	appTexts  = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,100}$`)           // consumer keys and secrets
	usernames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,49}$`) // as the control API has them
	pins      = regexp.MustCompile(`^[0-9]{4}$`)
)

const (
	maxPasskey = 128
	maxRange   = 10_000 // organisations
)

func (c *checker) apps() {
	keys := map[string]bool{}
	for i, a := range c.world.Apps {
		at := fmt.Sprintf("/apps/%d", i)
		c.check(a.Name != "", at+"/name", "an app needs a name")
		c.check(a.Key == "" || appTexts.MatchString(a.Key), at+"/consumerKey", "it has to be 1 to 100 letters, digits and any of . _ ~ -")
		c.check(a.Secret == "" || appTexts.MatchString(a.Secret), at+"/consumerSecret", "it has to be 1 to 100 letters, digits and any of . _ ~ -")
		c.check(a.Key == "" || !keys[a.Key], at+"/consumerKey", "another app has it")
		c.check(!a.Production, at+"/production", "an app goes live by the steps of kivuko golive")
		allOf(c, a.Products, c.appProducts, at+"/products")
		keys[a.Key] = true
	}
}

func (c *checker) operators() {
	names := map[string]bool{}
	for i, o := range c.world.Operators {
		at := fmt.Sprintf("/operators/%d", i)
		c.username(o.Username, names, at)
		if o.Password != nil && *o.Password != "" {
			problem := credential.PasswordProblem(*o.Password)
			c.check(problem == "", at+"/password", "%s", problem)
		}
		allOf(c, o.Roles, mpesa.AllRoles(), at+"/roles")
		c.check(o.Wrong >= 0, at+"/wrong", "there can't be fewer than no wrong passwords")
	}
}

func (c *checker) username(name string, met map[string]bool, at string) {
	c.check(usernames.MatchString(name), at+"/username", "it has to be 1 to 50 letters, digits and any of . _ @ -, and begin with a letter or a digit")
	c.check(!met[name], at+"/username", "another operator is called %q", name)
	met[name] = true
}

func (c *checker) organisations() {
	for i := range c.world.Organisations {
		if c.err != nil {
			return
		}
		o, at := &c.world.Organisations[i], fmt.Sprintf("/organisations/%d", i)
		_, ok := mpesa.ParseShortcode(o.Shortcode.String())
		c.check(ok, at+"/shortcode", "a shortcode has five to seven digits, the first not 0")
		if o.To != 0 {
			_, ok := mpesa.ParseShortcode(o.To.String())
			c.check(ok && o.To > o.Shortcode && o.To-o.Shortcode < maxRange, at+"/to", "the last of a range is a shortcode above the first, by less than %d", maxRange)
		}
		c.organisation(o, at)
	}
	if c.err != nil {
		return
	}
	met := map[mpesa.Shortcode]bool{}
	for _, o := range c.world.organisations() {
		c.check(!met[o.Shortcode], "/organisations", "%s is there twice", o.Shortcode)
		met[o.Shortcode] = true
	}
}

func (c *checker) organisation(o *Organisation, at string) {
	tariffs := slices.Sorted(maps.Keys(c.rules.Tariffs()))
	c.check(o.Name != "", at+"/name", "an organisation needs a name")
	oneOf(c, o.Kind, []mpesa.OrganisationKind{mpesa.PayBill, mpesa.Till, mpesa.Store}, at+"/kind")
	c.check(o.Store == 0 || o.Kind == mpesa.Till && o.Store != o.Shortcode, at+"/store", "only a till has a store, and is not its own")
	c.check(len(o.Passkey) <= maxPasskey, at+"/passkey", "it has to have at most %d characters; - is none", maxPasskey)
	allOf(c, o.Products, append(mpesa.AllProducts(), "none"), at+"/products") // the sample's has none of them: "none"
	oneOf(c, o.Standing, mpesa.AllOrganisationStandings(), at+"/standing")
	oneOf(c, o.Fault, mpesa.AllFaults(), at+"/fault")
	for name, tariff := range map[string]string{"tariff": o.Tariff, "payoutTariff": o.Payouts, "moveTariff": o.Moves} {
		if tariff != "" {
			oneOf(c, tariff, tariffs, at+"/"+name)
		}
	}
	c.check(o.Owner == 0 || o.Owner.Valid(), at+"/owner", "%d is not a phone number such as 254712345678", o.Owner)
	for name, amount := range map[string]money.Amount{"maxBalance": o.MaxBalance, "working": o.Working, "utility": o.Utility, "merchant": o.Merchant} {
		c.check(amount >= 0, at+"/"+name, "an amount can't be negative")
	}
	if o.URLs != (mpesa.C2BURLs{}) {
		c.urls(&o.URLs, at+"/urls")
	}
}

func (c *checker) urls(u *mpesa.C2BURLs, at string) {
	c.check(u.Version == 1 || u.Version == 2, at+"/version", "it is 1 or 2")
	oneOf(c, u.ResponseType, []string{mpesa.ResponseCompleted, mpesa.ResponseCancelled}, at+"/responseType")
	for name, text := range map[string]string{"confirmation": u.Confirmation, "validation": u.Validation} {
		parsed, err := url.Parse(text)
		c.check(err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "", at+"/"+name, "it has to be like https://example.com/c2b")
	}
}

func (c *checker) portal() {
	p := &c.world.Portal
	for i, s := range p.Organisations {
		c.check(c.there(s), fmt.Sprintf("/portal/organisations/%d", i), "%s is none of the organisations", s)
	}
	names := map[string]bool{}
	for i := range p.Operators {
		o, at := &p.Operators[i], fmt.Sprintf("/portal/operators/%d", i)
		c.username(o.Username, names, at)
		var roles []mpesa.Role
		for _, r := range portal.WebRoles() {
			roles = append(roles, r.Role)
		}
		allOf(c, o.Roles, roles, at+"/roles")
		c.check(o.Name != "", at+"/name", "an operator of the portal needs a name")
		c.check(o.Phone.Valid(), at+"/phone", "%d is not a phone number such as 254712345678; the one-time PINs go there", o.Phone)
		c.check(slices.ContainsFunc(c.world.Customers, func(x Customer) bool { return x.MSISDN == o.Phone }), at+"/phone", "%s is none of the customers", o.Phone)
		if o.Password != nil && *o.Password == "" || o.Password == nil && p.Password == "" {
			continue // there is none, or it is made
		}
		where := "/portal/password"
		if o.Password != nil {
			where = at + "/password"
		}
		problem := credential.WebPasswordProblem(webPassword(o, p), o.Username)
		c.check(problem == "", where, "%s (%s)", problem, o.Username)
	}
	if len(p.Operators) > 0 {
		oneOf(c, p.Question1, portal.SecurityQuestions(), "/portal/question1")
		oneOf(c, p.Question2, portal.SecurityQuestions(), "/portal/question2")
		c.check(p.Question1 != p.Question2, "/portal/question2", "it is the first one again")
	}
	if p.AnswerHash != "" {
		_, err := credential.Verify("", p.AnswerHash)
		c.check(err == nil, "/portal/answerHash", "it is not a hash that answers are kept as; leave it out and give the answer")
	}
}

// there reports whether one of the organisations has a shortcode.
func (c *checker) there(s mpesa.Shortcode) bool {
	return slices.ContainsFunc(c.world.Organisations, func(o Organisation) bool { return o.Shortcode <= s && s <= max(o.Shortcode, o.To) })
}

func (c *checker) customers() {
	met := map[msisdn.Number]bool{}
	limits := append(c.rules.LimitsNames(), "")
	for i, x := range c.world.Customers {
		at := fmt.Sprintf("/customers/%d", i)
		c.check(x.MSISDN.Valid(), at+"/msisdn", "%d is not a phone number such as 254712345678", x.MSISDN)
		c.check(!met[x.MSISDN], at+"/msisdn", "%s is there twice", x.MSISDN)
		c.check(x.Name != "", at+"/name", "a customer needs a name")
		c.check(x.PIN == "" || pins.MatchString(x.PIN), at+"/pin", "it has to be four digits; without it the installation's PIN holds")
		c.check(x.Balance >= 0, at+"/balance", "an amount can't be negative")
		oneOf(c, x.Answers, append(mpesa.AllAnswers(), mpesa.AnswersByDefault), at+"/answers")
		oneOf(c, x.Limits, limits, at+"/limits")
		oneOf(c, x.Standing, mpesa.AllStandings(), at+"/standing")
		c.check(x.WrongPINs >= 0, at+"/wrongPins", "there can't be fewer than no wrong PINs")
		met[x.MSISDN] = true
	}
}

// test checks who is meant by the test credentials, where the world says so.
func (c *checker) test() {
	t := &c.world.Test
	for name, s := range map[string]mpesa.Shortcode{"express": t.Express, "shortcode1": t.Shortcode1, "shortcode2": t.Shortcode2, "till": t.Till} {
		c.check(s == 0 || c.there(s), "/test/"+name, "%s is none of the organisations", s)
	}
	c.check(t.Initiator == "" || slices.ContainsFunc(c.world.Operators, func(o Operator) bool { return o.Username == t.Initiator }), "/test/initiator", "%q is none of the operators", t.Initiator)
	c.check(t.Phone == 0 || slices.ContainsFunc(c.world.Customers, func(x Customer) bool { return x.MSISDN == t.Phone }), "/test/phone", "%s is none of the customers", t.Phone)
}

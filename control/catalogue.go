package control

import "context"

// Catalogue is everything that is a table: what the gateway and M-PESA can answer and why, what the APIs take, who may do what, what it
// costs, and which numbers of the world are in a state of their own.
type Catalogue struct {
	APIs          []CatalogueAPI       `json:"apis"`
	Errors        []CatalogueError     `json:"errors"`
	Results       []CatalogueResult    `json:"results"`
	Rejections    []CatalogueRejection `json:"rejections" doc:"Codes by which a validation URL rejects a payment."`
	Operations    []CatalogueOperation `json:"operations"`
	Roles         []string             `json:"roles" doc:"Of operators."`
	Products      []string             `json:"products" doc:"Of organisations."`
	AppProducts   []string             `json:"appProducts" doc:"Of developers' apps."`
	Kinds         []string             `json:"kinds" doc:"Of payments."`
	Callbacks     []CatalogueCallback  `json:"callbacks"`
	Answers       []CatalogueAnswer    `json:"answers" doc:"How a phone can be told to answer prompts."`
	Limits        []CatalogueLimits    `json:"limits"`
	Tariffs       []CatalogueTariff    `json:"tariffs"`
	Customers     []CatalogueNumber    `json:"customers" doc:"That the world starts with."`
	Organisations []CatalogueNumber    `json:"organisations" doc:"The same."`
	Operators     []CatalogueNumber    `json:"operators" doc:"The same; every organisation has them."`
	Portal        CataloguePortal      `json:"portal" doc:"Who can sign in to the organisation portal from the beginning."`
}

// CatalogueAPI is a path of the gateway and what it takes.
type CatalogueAPI struct {
	Name    string           `json:"name" doc:"\"b2c\"; versions share it."`
	Title   string           `json:"title"`
	Method  string           `json:"method"`
	Path    string           `json:"path"`
	Product string           `json:"product,omitempty" doc:"That the app needs."`
	Fields  []CatalogueField `json:"fields" doc:"In the order in which they are looked at."`
	Source  string           `json:"source"`
}

// CatalogueField is a field of a request.
type CatalogueField struct {
	Name     string   `json:"name"`
	Form     string   `json:"form" jsonschema:"enum=text,enum=shortcode,enum=phone,enum=amount,enum=shillings,enum=url,enum=timestamp,enum=password,enum=credential,enum=choice,enum=day,enum=datetime,enum=number" doc:"\"text\", \"shortcode\", \"phone\", \"amount\", \"shillings\", \"url\", \"timestamp\", \"credential\", \"password\", \"choice\", \"day\", \"datetime\" or \"number\"."`
	Optional bool     `json:"optional,omitempty"`
	Least    int      `json:"least,omitempty" doc:"Characters."`
	Most     int      `json:"most,omitempty" doc:"Characters; 0: no bound of its own."`
	Values   []string `json:"values,omitempty" doc:"Of a choice."`
	Note     string   `json:"note,omitempty"`
	Expected string   `json:"expected,omitempty" doc:"What it has to be, in words."`
	Example  string   `json:"example,omitempty" doc:"A value that works, with marks such as {{phone}} for what differs: the simulator's draft has them filled in."`
}

// CatalogueError is a refusal by the gateway.
type CatalogueError struct {
	Status  int    `json:"status" doc:"HTTP."`
	Code    string `json:"code" doc:"errorCode; empty: the answer has no body."`
	Message string `json:"message" doc:"errorMessage; XXXX stands for what varies."`
	Cause   string `json:"cause"`
	Fix     string `json:"fix" doc:"What to do about it."`
	Source  string `json:"source"`

	Try *CatalogueTry `json:"try,omitempty" doc:"A request that gets it."`
	How string        `json:"how,omitempty" doc:"Without a request that gets it: how it comes about."`
}

// CatalogueTry is a request that makes something happen in the world that a Kivuko starts with.
type CatalogueTry struct {
	API           string            `json:"api" doc:"Its name."`
	Number        string            `json:"number,omitempty" doc:"Of the world, whose state makes it happen."`
	Method        string            `json:"method,omitempty" doc:"Empty: the API's."`
	Path          string            `json:"path"`
	Authorization string            `json:"authorization,omitempty" doc:"The header; empty: with a token of the app."`
	Fields        map[string]string `json:"fields,omitempty" doc:"In which the request differs from a usual one; empty text leaves one out."`
	Body          string            `json:"body,omitempty" doc:"Empty: a usual one with the fields."`
	Times         int               `json:"times,omitempty" jsonschema:"minimum=0,maximum=10" doc:"That it is sent, at once; 0: once."`
}

// CatalogueResult is a result code.
type CatalogueResult struct {
	Code   string            `json:"code"`
	Texts  map[string]string `json:"texts" doc:"ResultDesc by the name of each API that gives the code."`
	Fix    string            `json:"fix" doc:"What to do about it."`
	Causes []CatalogueCause  `json:"causes"`
	Source string            `json:"source"`
}

// CatalogueCause is a state that gives a result code.
type CatalogueCause struct {
	APIs    []string `json:"apis"`
	State   string   `json:"state"`
	Numbers []string `json:"numbers,omitempty" doc:"Of the world, for whom it is so."`

	Tries []CatalogueTry `json:"tries,omitempty" doc:"Requests that make it happen."`
	How   string         `json:"how,omitempty" doc:"Without requests that make it happen: how it comes about."`
}

// CatalogueRejection is a code by which a business's validation URL rejects a payment.
type CatalogueRejection struct {
	Code    string `json:"code"`
	Meaning string `json:"meaning"`
}

// CatalogueOperation is what an initiator can ask for by a CommandID.
type CatalogueOperation struct {
	CommandID string `json:"commandID"`
	API       string `json:"api"`
	Role      string `json:"role"`
	Product   string `json:"product,omitempty" doc:"That the organisations need."`
	From      string `json:"from,omitempty" doc:"Account."`
	To        string `json:"to,omitempty" doc:"Account."`
	Own       bool   `json:"own,omitempty" doc:"Between the organisation's own accounts."`
	Till      bool   `json:"till,omitempty" doc:"The receiver is a till or a store."`
	Tariff    string `json:"tariff,omitempty"`
	Reason    string `json:"reason,omitempty" doc:"ReasonType in a transaction's status."`
}

// CatalogueCallback is a kind of callback.
type CatalogueCallback struct {
	Kind    string `json:"kind"`
	About   string `json:"about"`
	Retried bool   `json:"retried" doc:"It is tried again if the service was told to."`
}

// CatalogueAnswer is a way in which a phone answers prompts when nobody touches it.
type CatalogueAnswer struct {
	Name  string `json:"name" doc:"\"wrong-pin\"."`
	About string `json:"about" jsonschema:"minLength=1"`
}

// CatalogueLimits are limits of customers from a day on.
type CatalogueLimits struct {
	Name              string `json:"name" doc:"\"standard\" holds for customers without limits of their own."`
	From              string `json:"from" jsonschema:"format=date" doc:"2023-08-15."`
	Minimum           Amount `json:"minimum"`
	Maximum           Amount `json:"maximum"`
	PayoutMinimum     Amount `json:"payoutMinimum" doc:"Of what a business pays a customer."`
	WithdrawalMinimum Amount `json:"withdrawalMinimum" doc:"Of cash at an agent."`
	Daily             Amount `json:"daily"`
	MaxBalance        Amount `json:"maxBalance"`
	ReceiverBalance   Amount `json:"receiverBalance" doc:"Of the account that is paid into."`
	SameAmount        int    `json:"sameAmount" doc:"Payments of one amount in two minutes."`
	PINTries          int64  `json:"pinTries" doc:"0: any number."`
	Unfinished        int64  `json:"unfinished" doc:"Prompts in a row that come to no payment and block the number; 0: none do."`
	PromptChars       int    `json:"promptChars"`
}

// CatalogueTariff is a table of charges from a day on.
type CatalogueTariff struct {
	Name  string          `json:"name"`
	From  string          `json:"from" jsonschema:"format=date"`
	About string          `json:"about"`
	Bands []CatalogueBand `json:"bands"`
}

// CatalogueBand is what a payment of up to an amount costs.
type CatalogueBand struct {
	UpTo        Amount `json:"upTo"`
	Customer    Amount `json:"customer"`
	Business    Amount `json:"business"`
	BasisPoints int64  `json:"basisPoints,omitempty" doc:"Hundredths of a percent that the business pays instead."`
	Cap         Amount `json:"cap,omitempty" doc:"Of that share."`
}

// CatalogueNumber is a customer, an organisation or an operator that the world starts with.
type CatalogueNumber struct {
	Number string              `json:"number" doc:"A phone number, a shortcode or a username."`
	To     string              `json:"to,omitempty" doc:"The last of a range."`
	Name   string              `json:"name,omitempty"`
	Gives  string              `json:"gives,omitempty" doc:"The result code that its state leads to."`
	In     map[string][]string `json:"in,omitempty" doc:"In which APIs, by the part that it plays: payer, payee or initiator."`
	About  string              `json:"about"`
}

// CataloguePortal are the web operators that the world starts with: the same people at each of some organisations, past their first sign-in.
type CataloguePortal struct {
	Organisations []string         `json:"organisations" doc:"Shortcodes."`
	Password      string           `json:"password" doc:"Of each operator."`
	Questions     []string         `json:"questions"`
	Answer        string           `json:"answer" doc:"To both questions."`
	Operators     []PortalOperator `json:"operators"`
}

// PortalOperator is a web operator that the world starts with.
type PortalOperator struct {
	Username string   `json:"username"`
	Roles    []string `json:"roles" is:"roles"`
	Name     string   `json:"name"`
	Phone    string   `json:"phone" doc:"That gets the one-time PINs."`
}

// Catalogue gives the tables. They are the same on every Kivuko of a version, but for the sample's numbers that
// the database has.
func (c *Client) Catalogue(ctx context.Context) (*Catalogue, error) {
	return get[Catalogue](ctx, c, "catalogue")
}

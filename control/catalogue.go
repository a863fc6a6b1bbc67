package control

import "context"

// Catalogue is everything that is a table: what the gateway and M-PESA can answer and why, what the APIs take, who may do what, what it
// costs, and which numbers of the world are in a state of their own.
type Catalogue struct {
	APIs          []CatalogueAPI       `json:"apis"`
	Errors        []CatalogueError     `json:"errors"`
	Results       []CatalogueResult    `json:"results"`
	Rejections    []CatalogueRejection `json:"rejections"`
	Operations    []CatalogueOperation `json:"operations"`
	Roles         []string             `json:"roles"`       // of operators
	Products      []string             `json:"products"`    // of organisations
	AppProducts   []string             `json:"appProducts"` // of developers' apps
	Kinds         []string             `json:"kinds"`       // of payments
	Callbacks     []CatalogueCallback  `json:"callbacks"`
	Answers       []CatalogueAnswer    `json:"answers"` // how a phone can be told to answer prompts
	Limits        []CatalogueLimits    `json:"limits"`
	Tariffs       []CatalogueTariff    `json:"tariffs"`
	Customers     []CatalogueNumber    `json:"customers"`     // that the world starts with
	Organisations []CatalogueNumber    `json:"organisations"` // the same
	Operators     []CatalogueNumber    `json:"operators"`     // the same; every organisation has them
	Portal        CataloguePortal      `json:"portal"`        // who can sign in to the organisation portal from the beginning
}

// CatalogueAPI is a path of the gateway and what it takes.
type CatalogueAPI struct {
	Name    string           `json:"name"` // "b2c"; versions share it
	Title   string           `json:"title"`
	Method  string           `json:"method"`
	Path    string           `json:"path"`
	Product string           `json:"product,omitempty"` // that the app needs
	Fields  []CatalogueField `json:"fields"`            // in the order in which they are looked at
	Source  string           `json:"source"`
}

// CatalogueField is a field of a request.
type CatalogueField struct {
	Name     string   `json:"name"`
	Form     string   `json:"form"` // "text", "shortcode", "phone", "amount", "shillings", "url", "timestamp", "credential", "password", "choice", "day", "datetime" or "number"
	Optional bool     `json:"optional,omitempty"`
	Least    int      `json:"least,omitempty"`  // characters of a text
	Most     int      `json:"most,omitempty"`   // the same; 0: no bound of its own
	Values   []string `json:"values,omitempty"` // of a choice
	Note     string   `json:"note,omitempty"`
	Expected string   `json:"expected,omitempty"` // what it has to be, in words
	Example  string   `json:"example,omitempty"`  // a value that works, with marks such as {{phone}} for what differs; see Draft
}

// CatalogueError is a refusal by the gateway.
type CatalogueError struct {
	Status  int    `json:"status"`  // HTTP
	Code    string `json:"code"`    // errorCode; "": the answer has no body
	Message string `json:"message"` // errorMessage; XXXX stands for what varies
	Cause   string `json:"cause"`
	Mend    string `json:"mend"` // what to do about it
	Source  string `json:"source"`

	Try *CatalogueTry `json:"try,omitempty"` // a request that gets it
	How string        `json:"how,omitempty"` // without such a request: how it comes about
}

// CatalogueTry is a request that makes something happen in the world that a Kivuko starts with.
type CatalogueTry struct {
	API           string            `json:"api"`              // its name
	Number        string            `json:"number,omitempty"` // of the world, whose state makes it happen
	Method        string            `json:"method,omitempty"` // "": the API's
	Path          string            `json:"path"`
	Authorization string            `json:"authorization,omitempty"` // header; "": with a token of the app
	Fields        map[string]string `json:"fields,omitempty"`        // in which the request differs from a usual one; "" leaves one out
	Body          string            `json:"body,omitempty"`          // "": a usual one with the fields
	Times         int               `json:"times,omitempty"`         // that it is sent, at once; 0: once
}

// CatalogueResult is a result code.
type CatalogueResult struct {
	Code   string            `json:"code"`
	Texts  map[string]string `json:"texts"` // ResultDesc by the name of each API that gives the code; "stkquery" is the query of M-Pesa Express
	Mend   string            `json:"mend"`  // what to do about it
	Causes []CatalogueCause  `json:"causes"`
	Source string            `json:"source"`
}

// CatalogueCause is a state that gives a result code.
type CatalogueCause struct {
	APIs    []string `json:"apis"`
	State   string   `json:"state"`
	Numbers []string `json:"numbers,omitempty"` // customers, organisations and operators of the world for whom it is so

	Tries []CatalogueTry `json:"tries,omitempty"` // requests that make it happen
	How   string         `json:"how,omitempty"`   // without such requests: how it comes about
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
	Product   string `json:"product,omitempty"` // that the organisations need
	From      string `json:"from,omitempty"`    // account
	To        string `json:"to,omitempty"`      // account
	Own       bool   `json:"own,omitempty"`     // between the organisation's own accounts
	Till      bool   `json:"till,omitempty"`    // the receiver is a till or a store
	Tariff    string `json:"tariff,omitempty"`
	Reason    string `json:"reason,omitempty"` // ReasonType in a transaction's status
}

// CatalogueCallback is a kind of callback.
type CatalogueCallback struct {
	Kind    string `json:"kind"`
	About   string `json:"about"`
	Retried bool   `json:"retried"` // it is tried again if the service was told to
}

// CatalogueAnswer is a way in which a phone answers prompts when nobody touches it.
type CatalogueAnswer struct {
	Name  string `json:"name"` // "wrong-pin"
	About string `json:"about"`
}

// CatalogueLimits are limits of customers from a day on.
type CatalogueLimits struct {
	Name              string `json:"name"` // "standard" holds for customers without limits of their own
	From              string `json:"from"` // 2023-08-15
	Minimum           Amount `json:"minimum"`
	Maximum           Amount `json:"maximum"`
	PayoutMinimum     Amount `json:"payoutMinimum"`     // of what a business pays a customer
	WithdrawalMinimum Amount `json:"withdrawalMinimum"` // of cash at an agent
	Daily             Amount `json:"daily"`
	MaxBalance        Amount `json:"maxBalance"`
	ReceiverBalance   Amount `json:"receiverBalance"` // of the account that is paid into
	SameAmount        int    `json:"sameAmount"`      // payments of one amount in two minutes
	PINTries          int64  `json:"pinTries"`        // 0: any number
	Unfinished        int64  `json:"unfinished"`      // prompts in a row that come to no payment and block the number; 0: none do
	PromptChars       int    `json:"promptChars"`
}

// CatalogueTariff is a table of charges from a day on.
type CatalogueTariff struct {
	Name  string          `json:"name"`
	From  string          `json:"from"`
	About string          `json:"about"`
	Bands []CatalogueBand `json:"bands"`
}

// CatalogueBand is what a payment of up to an amount costs.
type CatalogueBand struct {
	UpTo        Amount `json:"upTo"`
	Customer    Amount `json:"customer"`
	Business    Amount `json:"business"`
	BasisPoints int64  `json:"basisPoints,omitempty"` // hundredths of a percent that the business pays instead
	Cap         Amount `json:"cap,omitempty"`         // of that share
}

// CatalogueNumber is a customer, an organisation or an operator that the world starts with.
type CatalogueNumber struct {
	Number string              `json:"number"` // a phone number, a shortcode or a username
	To     string              `json:"to,omitempty"`
	Name   string              `json:"name,omitempty"`
	Gives  string              `json:"gives,omitempty"` // the result code that its state leads to
	In     map[string][]string `json:"in,omitempty"`    // in which APIs, by the part that it plays: payer, payee or initiator
	About  string              `json:"about"`
}

// CataloguePortal are the web operators that the world starts with: the same people at each of some organisations, past their first sign-in.
type CataloguePortal struct {
	Organisations []string         `json:"organisations"` // shortcodes
	Password      string           `json:"password"`      // of each
	Questions     []string         `json:"questions"`
	Answer        string           `json:"answer"` // to both
	Operators     []PortalOperator `json:"operators"`
}

// PortalOperator is a web operator that the world starts with.
type PortalOperator struct {
	Username string   `json:"username"`
	Roles    []string `json:"roles"`
	Name     string   `json:"name"`
	Phone    string   `json:"phone"` // that gets the one-time PINs
}

// Catalogue gives the tables. They are the same on every Kivuko of a version.
func (c *Client) Catalogue(ctx context.Context) (*Catalogue, error) {
	return get[Catalogue](ctx, c, "catalogue")
}

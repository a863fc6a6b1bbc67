package catalogue

import (
	"maps"
	"net/http"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/daraja"
	"github.com/kivuko/kivuko/daraja/codes"
	"github.com/kivuko/kivuko/internal/apis"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/seedworld"
)

// parts are the fields by which the requests of an API name the parts that the world's numbers play.
var parts = map[string]map[seedworld.Part][]string{
	codes.APIExpress:       {seedworld.Payer: {"PartyA", "PhoneNumber"}, seedworld.Payee: {"BusinessShortCode", "PartyB"}},
	codes.APIC2B:           {seedworld.Payer: {"Msisdn"}, seedworld.Payee: {"ShortCode"}},
	codes.APIB2C:           {seedworld.Payer: {"PartyA"}, seedworld.Payee: {"PartyB"}, seedworld.Initiator: {"InitiatorName"}},
	codes.APIPochi:         {seedworld.Payer: {"PartyA"}, seedworld.Payee: {"PartyB"}, seedworld.Initiator: {"InitiatorName"}},
	codes.APIB2B:           {seedworld.Payer: {"PartyA"}, seedworld.Payee: {"PartyB"}, seedworld.Initiator: {"Initiator"}},
	codes.APITax:           {seedworld.Payer: {"PartyA"}, seedworld.Initiator: {"Initiator"}},
	codes.APIReversal:      {seedworld.Payer: {"ReceiverParty"}, seedworld.Initiator: {"Initiator"}},
	codes.APIStatus:        {seedworld.Payer: {"PartyA"}, seedworld.Initiator: {"Initiator"}},
	codes.APIBalance:       {seedworld.Payer: {"PartyA"}, seedworld.Initiator: {"Initiator"}},
	codes.APICheckout:      {seedworld.Payer: {"primaryShortCode"}, seedworld.Payee: {"receiverShortCode"}},
	codes.APIStandingOrder: {seedworld.Payer: {"PartyA"}, seedworld.Payee: {"BusinessShortCode"}},
}

// nobody is a shortcode and unknown a receipt that there isn't.
const (
	nobody  = "999999"
	unknown = "OEI2AK4Q16"
)

// fields make a result without a number of the world, by its code and API.
var fields = map[codes.Result]map[string]map[string]string{
	codes.Success: {
		codes.APIExpress: {}, codes.APIC2B: {}, codes.APIB2C: {}, codes.APIPochi: {}, codes.APIB2B: {}, codes.APITax: {}, codes.APIReversal: {}, codes.APIStatus: {},
		codes.APIBalance: {}, codes.APICheckout: {}, codes.APIStandingOrder: {},
	},
	codes.BelowMinimum:      {codes.APIB2C: {"Amount": "9"}, codes.APIPochi: {"Amount": "9"}},
	codes.AboveMaximum:      {codes.APIExpress: {"Amount": "250001"}, codes.APIB2C: {"Amount": "250001"}, codes.APIPochi: {"Amount": "250001"}},
	codes.NotPermitted:      {codes.APIExpress: {"TransactionType": mpesa.CustomerBuyGoodsOnline}},
	codes.OperatorNotFound:  {codes.APIExpress: {"PartyB": nobody}, codes.APIB2B: {"PartyB": nobody}},
	codes.NotReversible:     {codes.APIReversal: {"TransactionID": unknown, "Amount": "10", "ReceiverParty": string(apis.MarkShortcode2)}},
	codes.ReceiptUnknown:    {codes.APIStatus: {"TransactionID": unknown, "PartyA": string(apis.MarkShortcode2)}},
	codes.OriginatorUnknown: {codes.APIStatus: {"TransactionID": "", "OriginalConversationID": "nobody's", "PartyA": string(apis.MarkShortcode2)}},
}

// always are fields that every request of an API needs for the state to count: a salary reaches everybody.
var always = map[string]map[string]string{codes.APIB2C: {"CommandID": daraja.BusinessPayment}}

// steps are how a result is brought about that no single request gives.
var steps = map[codes.Result]string{
	codes.InsufficientFunds: "empty the account first; for B2B Express, that of a pay bill that has an owner; then ask",
	codes.DebitPartyInvalid: "suspend a pay bill that has an owner, then ask",
	codes.AboveDailyLimit:   "give the phone the limits test-daily on its page, then ask",
	codes.AboveBalanceLimit: "give the phone the limits test-receiver on its page, then ask",
	codes.StillProcessing:   "push to a phone that waits for a person, and ask the query before anybody answers",
	codes.AlreadyReversed:   "reverse a payment, and once it is reversed, reverse it again",
	codes.OrderNameTaken:    "have a customer agree to a standing order, then ask for another of the same name",
	codes.CheckoutCancelled: "open the owner's phone, ask, and press cancel",
}

// tries are the requests that give a result over some APIs, and in words how it comes about where there are none.
func tries(code codes.Result, apis []string, numbers []control.CatalogueNumber, at map[string]string) (list []control.CatalogueTry, how string) {
	for _, api := range apis {
		for _, n := range numbers {
			if n.Gives != string(code) {
				continue
			}
			for _, part := range slices.Sorted(maps.Keys(n.In)) {
				named := parts[api][seedworld.Part(part)]
				if len(named) == 0 || !slices.Contains(n.In[part], api) || needsMore(code, api, part) {
					continue
				}
				given := map[string]string{}
				maps.Copy(given, always[api])
				for _, name := range named {
					given[name] = n.Number
				}
				list = append(list, control.CatalogueTry{API: api, Path: at[api], Number: n.Number, Fields: given})
			}
		}
		if given, ok := fields[code][api]; ok {
			list = append(list, control.CatalogueTry{API: api, Path: at[api], Fields: maps.Clone(given)})
		}
	}
	if len(list) == 0 {
		how = steps[code]
	}
	return list, how
}

// needsMore tells whether a number of the world isn't enough: who pays over B2B Express needs an owner, whom no field names, and the C2B
// simulator asks for no PIN.
func needsMore(code codes.Result, api, part string) bool {
	return api == codes.APICheckout && part == string(seedworld.Payer) || api == codes.APIC2B && code == codes.CredentialLocked
}

// paths are the newest path of each API; C2B payments are asked for by the simulator's.
func paths() map[string]string {
	all := map[string]string{}
	for _, a := range apis.Paths() {
		all[a.Name] = a.Path
	}
	all[codes.APIC2B] = all[apis.C2BSimulate]
	return all
}

// try makes a refusal: the request that gets it, or how it comes about.
type try struct {
	control.CatalogueTry
	how string
}

// refusing are the ways to be refused, by the error that comes.
func refusing(at map[string]string) map[codes.Error]try {
	push, token := at[codes.APIExpress], at[apis.OAuth]
	with := func(api string, given map[string]string) try {
		return try{CatalogueTry: control.CatalogueTry{API: api, Path: at[api], Fields: given}}
	}
	twice := func(api string, given map[string]string) try {
		t := with(api, given)
		t.Times = 2
		return t
	}
	raw := func(t control.CatalogueTry) try { return try{CatalogueTry: t} }
	words := func(how string) try { return try{how: how} }
	list := map[codes.Error]try{
		codes.BadAuthentication:        raw(control.CatalogueTry{API: apis.OAuth, Path: token + "?grant_type=client_credentials", Authorization: "Bearer x"}),
		codes.BadGrantType:             raw(control.CatalogueTry{API: apis.OAuth, Path: token}),
		codes.BadAuthHeader:            raw(control.CatalogueTry{API: apis.OAuth, Method: http.MethodPost, Path: token + "?grant_type=client_credentials"}),
		codes.WrongApp:                 raw(control.CatalogueTry{API: apis.OAuth, Path: token + "?grant_type=client_credentials", Authorization: "Basic d3Jvbmc6d3Jvbmc="}),
		codes.InvalidField("XXXX"):     with(codes.APIExpress, map[string]string{"PhoneNumber": "07"}),
		codes.BadPayload:               raw(control.CatalogueTry{API: codes.APIExpress, Path: push, Body: "{"}),
		codes.MethodNotAllowed("XXXX"): raw(control.CatalogueTry{API: codes.APIExpress, Method: http.MethodPut, Path: push, Body: "{}"}),
		codes.MerchantUnknown:          with(codes.APIExpress, map[string]string{"BusinessShortCode": nobody}),
		codes.WrongCredentials:         with(codes.APIExpress, map[string]string{"Password": "d3Jvbmc="}),
		codes.TransactionUnknown:       with(codes.APIQuery, map[string]string{"CheckoutRequestID": "ws_CO_nobody's"}),
		codes.SubscriberBusy:           twice(codes.APIExpress, nil),
		codes.DuplicateOriginator:      twice(codes.APIPochi, map[string]string{"OriginatorConversationID": "used-before"}),
		codes.InvalidShortCode:         with(apis.PullRegister, map[string]string{"ShortCode": nobody}),
		codes.ForeignShortCode:         with(codes.APIStandingOrder, map[string]string{"BusinessShortCode": nobody}),
		codes.NoNominatedNumber:        with(codes.APICheckout, map[string]string{"primaryShortCode": string(apis.MarkShortcode2)}),
		codes.KYCFailed:                with(codes.APICheckout, map[string]string{"receiverShortCode": nobody}),
		codes.USSDException:            twice(codes.APICheckout, nil),
		codes.BeingProcessed:           words("start Kivuko with --classic-query, push to a phone that waits for a person, and ask the query before anybody answers"),
		codes.SubscriberUnknown:        words("in the strict profile, push to a number that no phone has"),
		codes.AlreadyRegistered:        words("in the strict profile, register URLs for a shortcode that has some"),
		codes.SpikeArrest:              words("set the app's requests a second to 1, and send some at once"),
		codes.QuotaExceeded:            words("set the app's requests a day to 1, and send two"),
		codes.NotForPages:              words("nothing that is asked here brings it about: call the API for a host that is nobody's name, such as with curl -H 'Host: evil.example'"),
		codes.SystemBusy:               words("set the app's fault to busy, and ask; Kivuko itself answers so when its database keeps nothing"),
		codes.InternalError:            words("set the app's fault to internal, and ask"),
	}
	for family, api := range families {
		path := at[api]
		list[codes.InvalidToken(family, "")] = raw(control.CatalogueTry{API: api, Path: path, Authorization: "Bearer nobody's", Body: "{}"})
		list[codes.NoProduct(family)] = words("take the product from the app, get a token and ask")
		if family <= codes.C2B {
			list[codes.NotFound(family)] = raw(control.CatalogueTry{API: api, Path: path + "/nothing", Body: "{}"})
		}
	}
	return list
}

// families are APIs, one of each family.
var families = map[codes.Family]string{
	codes.STK: codes.APIExpress, codes.Payments: codes.APIBalance, codes.C2B: apis.C2BRegister,
	codes.PullRegister: apis.PullRegister, codes.Lookups: apis.PullQuery, codes.Checkout: codes.APICheckout,
}

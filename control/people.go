package control

// Organisation is a business with a shortcode.
type Organisation struct {
	Shortcode    string               `json:"shortcode"`
	Name         string               `json:"name"`
	Kind         OrganisationKind     `json:"kind"`                   // paybill, till or store
	Store        string               `json:"store,omitempty"`        // of a till: the number that its owner calls the API with
	Tariff       string               `json:"tariff,omitempty"`       // for payments to it; "" is the usual one of its kind
	PayoutTariff string               `json:"payoutTariff,omitempty"` // for B2C; "" is the usual one
	MoveTariff   string               `json:"moveTariff,omitempty"`   // for B2B; "" is the usual one
	MaxBalance   Amount               `json:"maxBalance,omitzero"`    // of the account that receives; 0 is the standard
	Products     []string             `json:"products,omitempty"`     // that it is assigned; none: all
	Standing     OrganisationStanding `json:"standing,omitempty"`     // "" is good
	Fault        Fault                `json:"fault,omitempty"`        // what goes wrong with its requests, by order
	Owner        string               `json:"owner,omitempty"`        // the phone that gets an SMS for what customers pay
	Validates    bool                 `json:"validates"`              // it is asked before customers' money is taken, where it has registered a URL for that
	URLs         *URLs                `json:"urls,omitempty"`         // registered for C2B
	Passkey      string               `json:"passkey,omitempty"`      // only where secrets were asked for
	Accounts     []Account            `json:"accounts"`
}

// OrganisationChange creates an organisation, which needs a name and a kind, or changes what is given.
type OrganisationChange struct {
	Name         *string               `json:"name,omitempty" is:"line" jsonschema:"minLength=1,maxLength=100"`
	Kind         *OrganisationKind     `json:"kind,omitempty"`
	Store        *string               `json:"store,omitempty" is:"shortcode or none"` // "": none
	Tariff       *string               `json:"tariff,omitempty" is:"tariff"`
	PayoutTariff *string               `json:"payoutTariff,omitempty" is:"tariff"`
	MoveTariff   *string               `json:"moveTariff,omitempty" is:"tariff"`
	MaxBalance   *Amount               `json:"maxBalance,omitempty"`             // 0: the standard
	Products     *[]string             `json:"products,omitempty" is:"products"` // none: all
	Standing     *OrganisationStanding `json:"standing,omitempty"`
	Fault        *Fault                `json:"fault,omitempty"`
	Owner        *string               `json:"owner,omitempty" is:"msisdn or none"` // "": none
	Validates    *bool                 `json:"validates,omitempty"`
	Passkey      *string               `json:"passkey,omitempty" is:"line" jsonschema:"minLength=0,maxLength=128"` // "": none
}

// Account is an account of an organisation.
type Account struct {
	Name      string `json:"name"`
	Current   Amount `json:"current"`
	Available Amount `json:"available"`
	Reserved  Amount `json:"reserved"`
}

// URLs are what an organisation has registered for what customers pay to it.
type URLs struct {
	Version      int          `json:"version"`      // of the C2B API whose bodies they get: 1 or 2
	ResponseType ResponseType `json:"responseType"` // Completed or Cancelled: what happens when validation has no answer
	Confirmation string       `json:"confirmation"`
	Validation   string       `json:"validation"`
}

// App is a developer's application.
type App struct {
	Key         string   `json:"consumerKey"`
	Name        string   `json:"name"`
	Products    []string `json:"products"`
	SpikeArrest int64    `json:"spikeArrest"`              // requests a second; 0 is the profile's, -1 any number
	Quota       int64    `json:"quota"`                    // requests a day in East Africa Time; 0 is the profile's, -1 any number
	Fault       AppFault `json:"fault,omitempty"`          // what goes wrong at the gateway with its requests, by order
	Created     Time     `json:"created,omitzero"`         // none: with the installation
	Secret      string   `json:"consumerSecret,omitempty"` // only where secrets were asked for, or of a new one

	Production bool       `json:"production,omitempty"` // it is held to production's rules, whatever the profile
	Shortcode  string     `json:"shortcode,omitempty"`  // of a production app: the only one that it may ask for
	Passkey    string     `json:"passkey,omitempty"`    // of the same, for M-Pesa Express; only where secrets were asked for
	GoLive     GoLiveStep `json:"goLive,omitempty"`     // of a sandbox app that is on its way to production: the next step
}

// AppChange creates an app, which needs a secret, or changes what is given.
type AppChange struct {
	Name        *string   `json:"name,omitempty" is:"line" jsonschema:"minLength=1,maxLength=100"`
	Secret      *string   `json:"consumerSecret,omitempty" is:"appKey"`
	Products    *[]string `json:"products,omitempty" is:"app products"`
	SpikeArrest *int64    `json:"spikeArrest,omitempty" is:"requests a second" jsonschema:"minimum=-1"`
	Quota       *int64    `json:"quota,omitempty" is:"requests a day" jsonschema:"minimum=-1"`
	Fault       *AppFault `json:"fault,omitempty"`
}

// AppCreation is an app that is to get a new key and secret. Without products it has them all.
type AppCreation struct {
	Name        string    `json:"name" is:"line" jsonschema:"minLength=1,maxLength=100"`
	Products    *[]string `json:"products,omitempty" is:"app products"`
	SpikeArrest *int64    `json:"spikeArrest,omitempty" is:"requests a second" jsonschema:"minimum=-1"`
	Quota       *int64    `json:"quota,omitempty" is:"requests a day" jsonschema:"minimum=-1"`
	Fault       *AppFault `json:"fault,omitempty"`
}

// URLsChange registers URLs.
type URLsChange struct {
	Version      *int         `json:"version,omitempty" is:"version"` // nil: 2
	ResponseType ResponseType `json:"responseType"`
	Confirmation string       `json:"confirmation" is:"url"`
	Validation   string       `json:"validation" is:"url"`
}

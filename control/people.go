package control

// Organisation is a business with a shortcode.
type Organisation struct {
	Shortcode    string               `json:"shortcode" is:"shortcode" doc:"Five to seven digits."`
	Name         string               `json:"name"`
	Kind         OrganisationKind     `json:"kind" doc:"Paybill, till or store."`
	Store        string               `json:"store,omitempty" is:"shortcode" doc:"Of a till: the number that its owner calls the API with."`
	Tariff       string               `json:"tariff,omitempty" doc:"For payments to it; without it the usual one of its kind."`
	PayoutTariff string               `json:"payoutTariff,omitempty" doc:"For B2C; without it the usual one."`
	MoveTariff   string               `json:"moveTariff,omitempty" doc:"For B2B; without it the usual one."`
	MaxBalance   Amount               `json:"maxBalance,omitzero" doc:"Of the account that receives; without it the standard one."`
	Products     []string             `json:"products,omitempty" is:"products" doc:"That it is assigned; without them all."`
	Standing     OrganisationStanding `json:"standing,omitempty" doc:"\"\" is good."`
	Fault        Fault                `json:"fault,omitempty" doc:"What goes wrong with its requests, by order."`
	Owner        string               `json:"owner,omitempty" is:"customer" doc:"Whose phone gets an SMS for what customers pay."`
	Validates    bool                 `json:"validates" doc:"It is asked before customers' money is taken, where it has registered a validation URL."`
	URLs         *URLs                `json:"urls,omitempty" doc:"Registered for C2B."`
	Passkey      string               `json:"passkey,omitempty" doc:"Of M-Pesa Express; only with secrets=1."`
	Accounts     []Account            `json:"accounts"`
}

// OrganisationChange creates an organisation, which needs a name and a kind, or changes what is given.
type OrganisationChange struct {
	Name         *string               `json:"name,omitempty" is:"line" jsonschema:"minLength=1,maxLength=100"`
	Kind         *OrganisationKind     `json:"kind,omitempty"`
	Store        *string               `json:"store,omitempty" is:"shortcode or none" doc:"Of a till; empty for none."`
	Tariff       *string               `json:"tariff,omitempty" is:"tariff" doc:"The name of a tariff, empty for the usual one of its kind."`
	PayoutTariff *string               `json:"payoutTariff,omitempty" is:"tariff" doc:"The name of a tariff, empty for the usual one."`
	MoveTariff   *string               `json:"moveTariff,omitempty" is:"tariff" doc:"The name of a tariff, empty for the usual one."`
	MaxBalance   *Amount               `json:"maxBalance,omitempty" is:"balance" doc:"Shillings of the account that receives; 0 is the standard."`
	Products     *[]string             `json:"products,omitempty" is:"products" doc:"Empty for all."`
	Standing     *OrganisationStanding `json:"standing,omitempty"`
	Fault        *Fault                `json:"fault,omitempty"`
	Owner        *string               `json:"owner,omitempty" is:"msisdn or none" doc:"A phone number, empty for none."`
	Validates    *bool                 `json:"validates,omitempty"`
	Passkey      *string               `json:"passkey,omitempty" is:"line" jsonschema:"minLength=0,maxLength=128" doc:"Of M-Pesa Express; empty for none."`
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
	Version      int          `json:"version" is:"version" doc:"Of the C2B API whose bodies they get; 2 unless it is given."`
	ResponseType ResponseType `json:"responseType" doc:"What happens to a payment when validation has no answer."`
	Confirmation string       `json:"confirmation" jsonschema:"format=uri"`
	Validation   string       `json:"validation" jsonschema:"format=uri"`
}

// App is a developer's application.
type App struct {
	Key         string   `json:"consumerKey"`
	Name        string   `json:"name" jsonschema:"minLength=1,maxLength=100"`
	Products    []string `json:"products" is:"app products" doc:"Their names are in the catalogue."`
	SpikeArrest int64    `json:"spikeArrest" jsonschema:"minimum=-1" doc:"Requests a second; 0 is the profile's, -1 any number."`
	Quota       int64    `json:"quota" jsonschema:"minimum=-1" doc:"Requests a day; 0 is the profile's, -1 any number."`
	Fault       AppFault `json:"fault,omitempty" doc:"What goes wrong at the gateway with its requests, by order."`
	Created     Time     `json:"created,omitzero" doc:"None: with the installation."`
	Secret      string   `json:"consumerSecret,omitempty" doc:"Only with secrets=1, or of a new one."`

	Production bool       `json:"production,omitempty" doc:"It is held to production's rules, whatever the profile."`
	Shortcode  string     `json:"shortcode,omitempty" doc:"Of a production app: the only one that it may ask for."`
	Passkey    string     `json:"passkey,omitempty" doc:"Of a production app with M-Pesa Express, with secrets=1."`
	GoLive     GoLiveStep `json:"goLive,omitempty" doc:"Of a sandbox app that is on its way to production: the next step."`
}

// AppChange creates an app, which needs a secret, or changes what is given.
type AppChange struct {
	Name        *string   `json:"name,omitempty" is:"line" jsonschema:"minLength=1,maxLength=100"`
	Secret      *string   `json:"consumerSecret,omitempty" is:"appKey" jsonschema:"minLength=1,maxLength=100"`
	Products    *[]string `json:"products,omitempty" is:"app products" doc:"Their names are in the catalogue."`
	SpikeArrest *int64    `json:"spikeArrest,omitempty" is:"requests a second" jsonschema:"minimum=-1" doc:"Requests a second; 0 is the profile's, -1 any number."`
	Quota       *int64    `json:"quota,omitempty" is:"requests a day" jsonschema:"minimum=-1" doc:"Requests a day; 0 is the profile's, -1 any number."`
	Fault       *AppFault `json:"fault,omitempty"`
}

// AppCreation is an app that is to get a new key and secret. Without products it has them all.
type AppCreation struct {
	Name        string    `json:"name" is:"line" jsonschema:"minLength=1,maxLength=100"`
	Products    *[]string `json:"products,omitempty" is:"app products" doc:"Missing: all."`
	SpikeArrest *int64    `json:"spikeArrest,omitempty" is:"requests a second" jsonschema:"minimum=-1" doc:"Requests a second; 0 is the profile's, -1 any number."`
	Quota       *int64    `json:"quota,omitempty" is:"requests a day" jsonschema:"minimum=-1" doc:"Requests a day; 0 is the profile's, -1 any number."`
	Fault       *AppFault `json:"fault,omitempty"`
}

// URLsChange registers URLs.
type URLsChange struct {
	Version      *int         `json:"version,omitempty" is:"version" doc:"Of the C2B API whose bodies they get; 2 unless it is given."`
	ResponseType ResponseType `json:"responseType" doc:"What happens to a payment when validation has no answer."`
	Confirmation string       `json:"confirmation" is:"url" jsonschema:"format=uri"`
	Validation   string       `json:"validation" is:"url" jsonschema:"format=uri"`
}

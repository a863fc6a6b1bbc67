package apis

import (
	"net/http"

	"github.com/kivuko/kivuko/daraja/codes"
)

// OAuth is the API that gives access tokens, which the gateway serves itself.
const OAuth = "oauth"

func oauth() *API {
	return &API{
		Name: OAuth, Title: "Access token", Family: codes.STK, Source: "DarajaTutorial, Generate token; wire.md §3",
		Paths: []Path{{Method: http.MethodGet, Path: "/oauth/v1/generate", Query: granted}},
		Outcomes: []Outcome{
			refused(codes.WrongApp, "a token request with a consumer key that is no app's, or another's secret").try(Try{After: "?" + granted, Authorization: "Basic d3Jvbmc6d3Jvbmc="}),
			refused(codes.BadAuthentication, "the Authorization header of a token request is missing, not Basic or not readable").try(Try{After: "?" + granted, Authorization: "Bearer x"}),
			refused(codes.BadGrantType, "grant_type is missing or isn't client_credentials").try(Try{}),
			refused(codes.BadAuthHeader, "a token request with another method than GET").try(Try{After: "?" + granted, Method: http.MethodPost}),
		},
	}
}

const granted = "grant_type=client_credentials"

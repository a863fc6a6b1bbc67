package apis

import (
	"net/http"

	"github.com/kivuko/kivuko/daraja/codes"
)

// OAuth is the API that gives access tokens, which the gateway serves itself.
const OAuth = "oauth"

func oauth() *API {
	return &API{Name: OAuth, Title: "Access token", Family: codes.STK, Source: "DarajaTutorial, Generate token; wire.md §3", Paths: []Path{
		{Method: http.MethodGet, Path: "/oauth/v1/generate", Query: "grant_type=client_credentials"},
	}}
}

// Package control is the JSON API that drives the world in tests and shows what happened in it: phones, payments, callbacks,
// books, journal and clock. One file a resource; openapi.json describes it all, and the tests hold it to that.
package control

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"sync"
	"time"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/catalogue"
	"github.com/kivuko/kivuko/internal/clock"
	"github.com/kivuko/kivuko/internal/collector"
	"github.com/kivuko/kivuko/internal/credential"
	"github.com/kivuko/kivuko/internal/engine"
	"github.com/kivuko/kivuko/internal/gate"
	"github.com/kivuko/kivuko/internal/ids"
	"github.com/kivuko/kivuko/internal/journal"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/msisdn"
	"github.com/kivuko/kivuko/internal/store"
	"github.com/kivuko/kivuko/internal/usage"
	"github.com/kivuko/kivuko/internal/weburl"
)

// Options are what the API shows and drives. All functions are needed.
type Options struct {
	Engine  *engine.Engine
	Store   store.Reader
	Mint    *ids.Mint
	Clock   clock.Clock
	Journal *journal.Journal
	Version string
	Log     *slog.Logger
	Limits  []string // names of the limits that a phone can be given besides the standard ones

	Door *gate.Door // see Guard; Unguarded has none

	PIN          func(phone msisdn.Number, pin string) mpesa.PINDigest
	Sign         func(text string) []byte // makes bytes that only this installation can make of a text
	Certificate  func(context.Context) (pem []byte, err error)
	Messages     func(ctx context.Context, phone msisdn.Number, limit int) ([]Message, error)   // newest first
	Resend       func(ctx context.Context, delivery int64) (wait time.Duration, err error)      // wait: it was resent just before
	GiveUp       func(ctx context.Context, delivery int64) (was mpesa.DeliveryState, err error) // only a pending one is changed
	CallbackBody func(context.Context, mpesa.Delivery) ([]byte, error)
	Advance      func(ctx context.Context, by time.Duration) (now time.Time, err error)
	Health       func(context.Context) []Problem // none: all is well
	About        func() api.About                // but for its version, time and profile

	Usage    *usage.Usage
	Prober   weburl.Prober  // of URLs for callbacks
	URLRules []weburl.Rules // of all profiles
	Profile  string         // the one that runs
	World    string         // the kind that the database began with, as package world has it; "": the sample

	Gateway      func(http.ResponseWriter, *http.Request) journal.Entry // answers a request to the gateway
	Credentials  *credential.Checker
	Collector    *collector.Collector
	CallbackBase string             // URL of this process, for the collector; "": callbacks may not go to it
	Random       func(n int) string // n characters of [A-Za-z0-9]
}

// Message is an SMS that a customer got.
type Message struct {
	At      time.Time
	From    string
	Text    string
	Payment int64 // 0: it tells of none
}

// Problem is a part of the server that doesn't work.
type Problem struct{ Name, Detail string }

// New makes the handler of everything below /kivuko/v1/, behind Guard.
func New(o Options) http.Handler { return Guard(o.Door, Unguarded(o)) }

// Unguarded is New without Guard, for callers in this process, who ask their own clients who they are.
func Unguarded(o Options) http.Handler {
	s := &server{o, sync.OnceValues(catalogue.New)}
	mux := http.NewServeMux()
	for path, methods := range s.routes() {
		mux.Handle(path, s.withNotes(path, methods))
	}
	mux.HandleFunc("/", unknownPath)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path { // such as phones//answer: a mux would redirect it to something else
			unknownPath(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func unknownPath(w http.ResponseWriter, r *http.Request) {
	write(w, refusal(notFound.problem("nothing is served at %s; %sopenapi.json lists what is", r.URL.Path, api.Root)))
}

type server struct {
	Options
	tables func() (*api.Catalogue, error) // gathered when they are first asked for; nobody changes them
}

// routes lists every path with its methods; openapi.json has the same.
func (s *server) routes() map[string]methods {
	return map[string]methods{
		api.Root + "openapi.json":                                            {http.MethodGet: s.openAPI},
		api.Root + "about":                                                   {http.MethodGet: s.about},
		api.Root + "health":                                                  {http.MethodGet: s.health},
		api.Root + "certificate":                                             {http.MethodGet: s.certificate},
		api.Root + "phones":                                                  {http.MethodGet: s.listPhones},
		api.Root + "phones/{msisdn}":                                         {http.MethodGet: s.getPhone, http.MethodPut: s.putPhone},
		api.Root + "phones/{msisdn}/hold":                                    {http.MethodPost: s.hold},
		api.Root + "phones/{msisdn}/balance":                                 {http.MethodPost: s.askBalance},
		api.Root + "phones/{msisdn}/statement":                               {http.MethodPost: s.askStatement},
		api.Root + "phones/{msisdn}/pin":                                     {http.MethodPost: s.changePIN},
		api.Root + "phones/{msisdn}/answer":                                  {http.MethodPost: s.once(s.answerPrompt, showPayment)},
		api.Root + "phones/{msisdn}/messages":                                {http.MethodGet: s.listMessages},
		api.Root + "phones/{msisdn}/pay":                                     {http.MethodPost: s.once(s.pay, showPayment)},
		api.Root + "phones/{msisdn}/send":                                    {http.MethodPost: s.once(s.sendMoney, showPayment)},
		api.Root + "phones/{msisdn}/withdraw":                                {http.MethodPost: s.once(s.withdrawCash, showPayment)},
		api.Root + "phones/{msisdn}/deposit":                                 {http.MethodPost: s.once(s.depositCash, showPayment)},
		api.Root + "phones/{msisdn}/pochi":                                   {http.MethodPost: s.once(s.emptyPochi, showPayment)},
		api.Root + "organisations":                                           {http.MethodGet: s.listOrganisations},
		api.Root + "organisations/{shortcode}":                               {http.MethodGet: s.getOrganisation, http.MethodPut: s.needs(mpesa.RunKivuko, changesOrganisation, s.putOrganisation)},
		api.Root + "organisations/{shortcode}/urls":                          {http.MethodGet: s.getURLs, http.MethodPut: s.needs(mpesa.RunKivuko, registersURLs, s.putURLs), http.MethodDelete: s.needs(mpesa.RunKivuko, deletesURLs, s.deleteURLs)},
		api.Root + "organisations/{shortcode}/settle":                        {http.MethodPost: s.once(s.settle, showPayment)},
		api.Root + "organisations/{shortcode}/move":                          {http.MethodPost: s.once(s.moveFunds, showPayment)},
		api.Root + "organisations/{shortcode}/withdraw":                      {http.MethodPost: s.once(s.withdrawToBank, showPayment)},
		api.Root + "organisations/{shortcode}/deposit":                       {http.MethodPost: s.once(s.needs(mpesa.RunKivuko, "deposit from the bank", s.depositFromBank), showPayment)},
		api.Root + "organisations/{shortcode}/accounts":                      {http.MethodGet: s.getAccounts},
		api.Root + "organisations/{shortcode}/statement":                     {http.MethodGet: s.getStatement},
		api.Root + "organisations/{shortcode}/statement.csv":                 {http.MethodGet: s.getStatementCSV},
		api.Root + "organisations/{shortcode}/tariffs":                       {http.MethodGet: s.getTariffs},
		api.Root + "organisations/{shortcode}/approval":                      {http.MethodGet: s.getApproval, http.MethodPut: s.putApproval},
		api.Root + "organisations/{shortcode}/tasks":                         {http.MethodGet: s.listTasks, http.MethodPost: s.once(s.initiate, showTask(http.StatusCreated))},
		api.Root + "organisations/{shortcode}/tasks/kinds":                   {http.MethodGet: s.getTaskKinds},
		api.Root + "organisations/{shortcode}/tasks/{id}":                    {http.MethodGet: s.getTask},
		api.Root + "organisations/{shortcode}/tasks/{id}/approve":            {http.MethodPost: s.once(s.decideTask(true), showTask(http.StatusOK))},
		api.Root + "organisations/{shortcode}/tasks/{id}/reject":             {http.MethodPost: s.once(s.decideTask(false), showTask(http.StatusOK))},
		api.Root + "organisations/{shortcode}/operators":                     {http.MethodGet: s.listOperators},
		api.Root + "organisations/{shortcode}/operators/{username}":          {http.MethodGet: s.getOperator, http.MethodPut: s.putOperator, http.MethodDelete: s.deleteOperator},
		api.Root + "organisations/{shortcode}/operators/{username}/unlock":   {http.MethodPost: s.unlock},
		api.Root + "organisations/{shortcode}/operators/{username}/suspend":  {http.MethodPost: s.suspend},
		api.Root + "organisations/{shortcode}/operators/{username}/resume":   {http.MethodPost: s.resume},
		api.Root + "organisations/{shortcode}/operators/{username}/reset":    {http.MethodPost: s.reset},
		api.Root + "organisations/{shortcode}/operators/{username}/password": {http.MethodPost: s.setPassword},
		api.Root + "organisations/{shortcode}/audit":                         {http.MethodGet: s.listAudit},
		api.Root + "organisations/{shortcode}/sign-in":                       {http.MethodPost: s.signIn},
		api.Root + "organisations/{shortcode}/sign-in/otp":                   {http.MethodPost: s.enterOTP},
		api.Root + "organisations/{shortcode}/sign-in/resend":                {http.MethodPost: s.resendOTP},
		api.Root + "organisations/{shortcode}/sign-in/first":                 {http.MethodPost: s.activate},
		api.Root + "organisations/{shortcode}/sign-in/forgotten":             {http.MethodPost: s.forgottenPassword},
		api.Root + "organisations/{shortcode}/sign-in/recover":               {http.MethodPost: s.recoverPassword},
		api.Root + "organisations/{shortcode}/session":                       {http.MethodGet: s.getSession, http.MethodDelete: s.signOut},
		api.Root + "organisations/{shortcode}/session/password":              {http.MethodPost: s.changePassword},
		api.Root + "audit":                                                   {http.MethodGet: s.listOwnAudit},
		api.Root + "roles":                                                   {http.MethodGet: s.getRoles},
		bulkPath:                                                             {http.MethodGet: s.listBulk, http.MethodPost: s.once(s.submitBulk, showBulk)},
		bulkPath + "/check":                                                  {http.MethodPost: s.checkBulk},
		bulkPath + "/template.csv":                                           {http.MethodGet: s.bulkTemplate},
		bulkPath + "/{id}":                                                   {http.MethodGet: s.getBulk},
		bulkPath + "/{id}/rows":                                              {http.MethodGet: s.listBulkRows},
		bulkPath + "/{id}/results.csv":                                       {http.MethodGet: s.bulkResults},
		api.Root + "apps":                                                    {http.MethodGet: s.listApps, http.MethodPost: s.createApp},
		api.Root + "apps/{key}":                                              {http.MethodGet: s.getApp, http.MethodPut: s.putApp, http.MethodDelete: s.deleteApp},
		api.Root + "apps/{key}/golive":                                       {http.MethodGet: s.getGoLive, http.MethodDelete: s.abandonGoLive},
		api.Root + "apps/{key}/golive/tests":                                 {http.MethodPost: s.passTests},
		api.Root + "apps/{key}/golive/verification":                          {http.MethodPost: s.verifyOrganisation},
		api.Root + "apps/{key}/golive/otp":                                   {http.MethodPost: s.confirmLivePIN},
		api.Root + "apps/{key}/golive/otp/resend":                            {http.MethodPost: s.resendLivePIN},
		api.Root + "apps/{key}/golive/products":                              {http.MethodPost: s.applyForLive},
		api.Root + "apps/{key}/rotate":                                       {http.MethodPost: s.rotateApp},
		api.Root + "credentials":                                             {http.MethodGet: s.getCredentials},
		api.Root + "credentials/encrypt":                                     {http.MethodPost: s.encryptCredential},
		api.Root + "credentials/check":                                       {http.MethodPost: s.checkCredential},
		api.Root + "simulator":                                               {http.MethodGet: s.draft, http.MethodPost: s.simulate},
		api.Root + "simulator/callbacks":                                     {http.MethodGet: s.collected},
		api.Root + "catalogue":                                               {http.MethodGet: s.getCatalogue},
		api.Root + "books":                                                   {http.MethodGet: s.getBooks},
		api.Root + "payments":                                                {http.MethodGet: s.listPayments},
		api.Root + "payments/{id}":                                           {http.MethodGet: s.getPayment},
		api.Root + "callbacks":                                               {http.MethodGet: s.listCallbacks},
		api.Root + "callbacks/{id}":                                          {http.MethodGet: s.getCallback},
		api.Root + "callbacks/{id}/resend":                                   {http.MethodPost: s.resend},
		api.Root + "callbacks/{id}/give-up":                                  {http.MethodPost: s.giveUp},
		api.Root + "callbacks/test":                                          {http.MethodPost: s.testCallback},
		api.Root + "journal":                                                 {http.MethodGet: s.listJournal},
		api.Root + "journal/{id}":                                            {http.MethodGet: s.getEntry},
		api.Root + "urls":                                                    {http.MethodGet: s.listURLs},
		api.Root + "catalogue/try":                                           {http.MethodPost: s.tryCode},
		api.Root + "apps/{key}/usage":                                        {http.MethodGet: s.getUsage},
		api.Root + "clock/advance":                                           {http.MethodPost: s.advance},
	}
}

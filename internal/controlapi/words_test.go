package controlapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"

	api "github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/live"
	"github.com/kivuko/kivuko/internal/mpesa"
)

// The words of package control are the rules' own. A type of words that is not here fails the test.
func TestWordsAreThoseOfTheRules(t *testing.T) {
	known := wordTypes(t)
	for name, x := range map[string]struct {
		word interface{ Choices() []string }
		want []string
	}{
		"Answers":              {api.Answers(""), plain(append(mpesa.AllAnswers(), mpesa.AnswersByDefault))},
		"Standing":             {api.Standing(""), plain(mpesa.AllStandings())},
		"OrganisationKind":     {api.OrganisationKind(""), plain([]mpesa.OrganisationKind{mpesa.PayBill, mpesa.Till, mpesa.Store})},
		"OrganisationStanding": {api.OrganisationStanding(""), plain(mpesa.AllOrganisationStandings())},
		"Fault":                {api.Fault(""), plain(mpesa.AllFaults())},
		"AppFault":             {api.AppFault(""), plain(mpesa.AllAppFaults())},
		"Kind":                 {api.Kind(""), counted[mpesa.Kind](1)},
		"State":                {api.State(""), counted[mpesa.State](0)},
		"RowState":             {api.RowState(""), []string{"waiting", mpesa.Completed.String(), mpesa.Failed.String()}},
		"TransferKind":         {api.TransferKind(""), counted[mpesa.TransferKind](1)},
		"CallbackKind":         {api.CallbackKind(""), counted[mpesa.DeliveryKind](1)},
		"CallbackState":        {api.CallbackState(""), counted[mpesa.DeliveryState](0)},
		"AccountWord":          {api.AccountWord(""), controlapi.AccountWords()},
		"ResponseType":         {api.ResponseType(""), []string{mpesa.ResponseCompleted, mpesa.ResponseCancelled}},
		"Right":                {api.Right(""), plain(slices.DeleteFunc(mpesa.AllRights(), func(r mpesa.Right) bool { return r == mpesa.RunKivuko || r == mpesa.SeeOneself }))},
		"Profile":              {api.Profile(""), []string{"sandbox", "strict"}},
		"Channel":              {api.Channel(""), []string{"api", string(mpesa.ChannelWeb)}},
		"OperatorState":        {api.OperatorState(""), plain([]mpesa.OperatorState{mpesa.OperatorActive, mpesa.OperatorPending, mpesa.OperatorLocked, mpesa.OperatorSuspended})},
		"GoLiveStep":           {api.GoLiveStep(""), append([]string{"tests"}, plain([]mpesa.GoLiveStep{mpesa.StepVerification, mpesa.StepOTP, mpesa.StepProducts, mpesa.StepLive})...)},
		"SignInStep":           {api.SignInStep(""), []string{"otp", "first", "recover", "done"}}, // of this API only, as those below
		"TestOutcome":          {api.TestOutcome(""), []string{"success", "fail", ""}},
		"CertificateKind":      {api.CertificateKind(""), []string{"ours", "foreign", "unreadable"}},
		"TaskList":             {api.TaskList(""), []string{"waiting", "decided"}},
	} {
		if got := x.word.Choices(); !slices.Equal(got, x.want) {
			t.Errorf("%s: control has %q, the rules have %q", name, got, x.want)
		}
		if !known[name] {
			t.Errorf("control has no type %s", name)
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("nothing is said here of the words of control.%s", name)
	}
}

// wordTypes lists the types of package control that have Choices.
func wordTypes(t *testing.T) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../control/words.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]bool{}
	for _, d := range f.Decls {
		if method, ok := d.(*ast.FuncDecl); ok && method.Name.Name == "Choices" {
			types[method.Recv.List[0].Type.(*ast.Ident).Name] = true
		}
	}
	return types
}

// The topics that package control makes are those that the hub publishes.
func TestTopicsAreThoseOfTheHub(t *testing.T) {
	for ours, want := range map[string]string{
		api.PaymentsTopic: live.Payments, api.CallbacksTopic: live.Callbacks, api.JournalTopic: live.Journal, api.PaymentTopic(7): live.Payment(7),
		api.PhoneTopic("254708374149"): live.Phone(254708374149), api.OrganisationTopic("174379"): live.Organisation(174379), api.AppTopic("k"): live.JournalOf("k"),
	} {
		if ours != want {
			t.Errorf("control says %q, the hub %q", ours, want)
		}
	}
}

func plain[T ~string](list []T) []string {
	texts := []string{}
	for _, x := range list {
		texts = append(texts, string(x))
	}
	return texts
}

// counted lists the names of a catalogue whose values count up.
func counted[T interface {
	~int64
	String() string
}](first T) (list []string) {
	for value := first; value.String() != ""; value++ {
		list = append(list, value.String())
	}
	return list
}

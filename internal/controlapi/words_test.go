package controlapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/controlapi"
	"github.com/kivuko/kivuko/internal/mpesa"
	"github.com/kivuko/kivuko/internal/news"
	"github.com/kivuko/kivuko/internal/portal"
)

// The words of package control are the rules' own. A type of words that is not here fails the test.
func TestWordsAreThoseOfTheRules(t *testing.T) {
	known := wordTypes(t)
	for name, x := range map[string]struct {
		word interface{ Choices() []string }
		want []string
	}{
		"Answers":              {control.Answers(""), plain(append(mpesa.AllAnswers(), mpesa.AnswersByDefault))},
		"Standing":             {control.Standing(""), plain(mpesa.AllStandings())},
		"OrganisationKind":     {control.OrganisationKind(""), plain([]mpesa.OrganisationKind{mpesa.PayBill, mpesa.Till, mpesa.Store})},
		"OrganisationStanding": {control.OrganisationStanding(""), plain(mpesa.AllOrganisationStandings())},
		"Fault":                {control.Fault(""), plain(mpesa.AllFaults())},
		"AppFault":             {control.AppFault(""), plain(mpesa.AllAppFaults())},
		"Kind":                 {control.Kind(""), counted[mpesa.Kind](1)},
		"State":                {control.State(""), counted[mpesa.State](0)},
		"RowState":             {control.RowState(""), []string{"waiting", mpesa.Completed.String(), mpesa.Failed.String()}},
		"TransferKind":         {control.TransferKind(""), counted[mpesa.TransferKind](1)},
		"CallbackKind":         {control.CallbackKind(""), counted[mpesa.DeliveryKind](1)},
		"CallbackState":        {control.CallbackState(""), counted[mpesa.DeliveryState](0)},
		"AccountWord":          {control.AccountWord(""), controlapi.AccountWords()},
		"ResponseType":         {control.ResponseType(""), []string{mpesa.ResponseCompleted, mpesa.ResponseCancelled}},
		"Right":                {control.Right(""), plain(slices.DeleteFunc(portal.AllRights(), func(r portal.Right) bool { return r == portal.RunKivuko || r == portal.SeeOneself }))},
		"Role":                 {control.Role(""), plain(mpesa.AllRoles())},
		"Product":              {control.Product(""), plain(mpesa.AllProducts())},
		"Profile":              {control.Profile(""), []string{"sandbox", "strict"}},
		"Channel":              {control.Channel(""), []string{"api", string(mpesa.ChannelWeb)}},
		"OperatorState":        {control.OperatorState(""), plain([]mpesa.OperatorState{mpesa.OperatorActive, mpesa.OperatorPending, mpesa.OperatorLocked, mpesa.OperatorSuspended})},
		"GoLiveStep":           {control.GoLiveStep(""), append([]string{"tests"}, plain([]mpesa.GoLiveStep{mpesa.StepVerification, mpesa.StepOTP, mpesa.StepProducts, mpesa.StepLive})...)},
		"SignInStep":           {control.SignInStep(""), []string{"otp", "first", "recover", "done"}}, // of this API only, as those below
		"TestOutcome":          {control.TestOutcome(""), []string{"success", "fail", ""}},
		"CertificateKind":      {control.CertificateKind(""), []string{"ours", "foreign", "unreadable"}},
		"TaskList":             {control.TaskList(""), []string{"waiting", "decided"}},
	} {
		if got := x.word.Choices(); !slices.Equal(got, x.want) {
			t.Errorf("%s: control has %q, the rules have %q", name, got, x.want)
		}
		if !known[name] {
			t.Errorf("control has no type %s", name)
		}
		delete(known, name)
	}
	if control.MaxHold != mpesa.MaxHold {
		t.Errorf("control says that a phone is held for at most %v, the rules %v", control.MaxHold, mpesa.MaxHold)
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
		control.PaymentsTopic: news.Payments, control.CallbacksTopic: news.Callbacks, control.JournalTopic: news.Journal, control.PaymentTopic(7): news.Payment(7),
		control.PhoneTopic("254708374149"): news.Phone(254708374149), control.OrganisationTopic("174379"): news.Organisation(174379), control.AppTopic("k"): news.JournalOf("k"),
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

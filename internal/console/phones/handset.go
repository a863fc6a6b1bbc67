package phones

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
	"github.com/kivuko/kivuko/internal/msisdn"
)

// How many messages are shown. To write one takes several reads, so a large wall begins with the latest of each phone.
const (
	wallMessages  = 6  // of a phone on a wall
	wholeWall     = 60 // of all phones of a wall, but for one of each
	aloneMessages = 50 // on a page of the phone's own
)

// handset is a phone as a page shows it.
type handset struct {
	*control.Phone
	Messages []control.Message
	Screen   screen
	Ways     []control.CatalogueAnswer
	Special  *control.CatalogueNumber // what the world has the number for; nil: nothing special
	Away     string                   // where to go to put it away; "": nowhere
	Alone    bool                     // it is on a page of its own
	More     bool                     // there may be older messages
	Changed  string                   // what has just been changed, in words
	Form     *page.Form
}

// handset reads a phone as a wall shows it.
func (r *room) handset(q *page.Request, number string) (*handset, error) {
	return r.read(q, number, wallMessages)
}

// read reads a phone with some of its messages.
func (r *room) read(q *page.Request, number string, messages int) (*handset, error) {
	phone, err := q.API().Phone(q.HTTP.Context(), number)
	if err != nil {
		return nil, err
	}
	h := &handset{Phone: phone, Screen: screen{Item: root()}, Form: new(page.Form)}
	if h.Messages, err = q.API().Messages(q.HTTP.Context(), phone.MSISDN, messages); err != nil {
		return nil, err
	}
	h.More = len(h.Messages) == messages
	tables, err := r.catalogue(q)
	if err != nil {
		return nil, err
	}
	h.Ways = tables.Answers
	for i := range tables.Customers {
		if c := &tables.Customers[i]; c.Number == phone.MSISDN && c.Gives != "" {
			h.Special = c
		}
	}
	return h, nil
}

// Path is where the phone's own pages are.
func (h *handset) Path() string { return "/phones/" + h.MSISDN }

// Local is the number as people in the country write it.
func (h *handset) Local() string {
	n, err := msisdn.ParseLoose(h.MSISDN)
	if err != nil {
		return h.MSISDN
	}
	return n.Local()
}

// State is what the screen shows: "off", "no-signal" or "on".
func (h *handset) State() string {
	if h.Answers == "off" || h.Answers == "no-signal" {
		return string(h.Answers)
	}
	return "on"
}

// Way says in words how the phone answers prompts.
func (h *handset) Way() string {
	after := ""
	if h.AfterMS >= 0 {
		after = " after " + h.AfterMS.Duration().String()
	}
	for _, w := range h.Ways {
		if control.Answers(w.Name) == h.Answers {
			return w.About + after
		}
	}
	return ""
}

// Seconds is how long the phone takes to answer; "" is the service's default.
func (h *handset) Seconds() string {
	if h.AfterMS < 0 {
		return ""
	}
	return strconv.FormatFloat(h.AfterMS.Duration().Seconds(), 'f', -1, 64)
}

// Asked is the payment whose prompt is open; 0: there is none.
func (h *handset) Asked() int64 {
	if h.Prompt == nil || h.State() != "on" {
		return 0
	}
	return h.Prompt.Payment
}

// Latest names the newest message.
func (h *handset) Latest() string {
	if len(h.Messages) == 0 {
		return "none"
	}
	m := h.Messages[0]
	return strconv.FormatInt(m.At.UnixMilli(), 10) + "." + strconv.FormatInt(m.Payment, 10)
}

// Shown names what a page shows of the phone. The page sends it along, to be told what isn't so any more.
func (h *handset) Shown() map[string]string {
	return map[string]string{"prompt": strconv.FormatInt(h.Asked(), 10), "message": h.Latest(), "way": string(h.Answers) + "." + h.Seconds()}
}

// newsView is what has changed on a handset: its status always, other parts where they aren't what the page has.
type newsView struct {
	*handset
	NewPrompt, NewMessage, NewWay bool
}

// showNews shows what has changed. What hasn't stays as it is: somebody may be typing.
func (r *room) showNews(q *page.Request) error {
	messages := wallMessages
	if q.Value("alone") != "" {
		messages = aloneMessages
	}
	h, err := r.read(q, q.Value("msisdn"), messages)
	if err != nil {
		return err
	}
	old := func(name string) bool { return q.Value(name) != h.Shown()[name] }
	return q.Fragment("wall", "news", &newsView{handset: h, NewPrompt: old("prompt"), NewMessage: old("message"), NewWay: old("way")})
}

// show shows the phone's screen: alone where htmx asks for it, or on a page of the phone's own.
func (h *handset) show(q *page.Request, s screen) error {
	h.Screen = s
	if q.Partial() {
		return q.Fragment("wall", "screen", h)
	}
	return showSingle(q, h, page.Unique())
}

// answer answers the prompt that is open, by a PIN or by cancel.
func (r *room) answer(q *page.Request) error {
	f := q.Form()
	given := f.Fields("pin", "payment:number")
	if f.On("cancel") {
		delete(given, "pin")
		given["cancel"] = true
	}
	var p control.Payment
	err := q.Call(http.MethodPost, "phones/"+url.PathEscape(q.Value("msisdn"))+"/answer", given, &p)
	s := paid(&p)
	if err != nil {
		if s, err = refused(err); err != nil {
			return err
		}
	}
	h, err := r.handset(q, q.Value("msisdn"))
	if err != nil {
		return err
	}
	return h.show(q, s)
}

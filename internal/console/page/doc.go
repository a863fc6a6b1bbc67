// Package page is what the console's rooms are made with: the frame around each page, templates, forms, calls of the control API,
// live parts, and what keeps strangers out.
//
// A room is a package with Go files, templates and a style sheet:
//
//	//go:embed templates assets
//	var files embed.FS
//
//	func Room() page.Room {
//		return page.Room{Name: "phones", Title: "Phones", Files: files, Routes: map[string]page.Handler{
//			"GET /phones/{msisdn}":       show,
//			"GET /phones/{msisdn}/send":  send,
//			"POST /phones/{msisdn}/send": send,
//		}}
//	}
//
// # A page
//
// A handler asks the control API, whose word is final, and shows what it says:
//
//	func show(q *page.Request) error {
//		phone, err := q.API().Phone(q.HTTP.Context(), q.Value("msisdn"))
//		if err != nil {
//			return err // a *control.Problem is shown as a page with its status
//		}
//		return q.Show("phone", phone)
//	}
//
// templates/phone.html defines "title" and "main"; their dot is a View, with the handler's data as .Data. What several pages of a room
// share is in templates/parts/*.html. Functions: money, date, time, when, ago (all in East Africa Time), iso, json (indented), tone,
// asset, dict, list, options, join. A room's own pages stand beside the page: Room.Nav lists them.
//
//	{{define "title"}}{{.Data.Name}}{{end}}
//	{{define "main"}}
//	<h1>{{.Data.Name}}</h1>
//	{{template "balance" .}}
//	{{end}}
//
// # A live part
//
// An element with an id and data-live names topics of package live. When one has news, or the connection is back, it asks again
// for what hx-get names, and is replaced, but not while somebody has it in hand: see live.js. When htmx asks, Show
// answers with the template that is called like the id of the target, so that one handler serves the page and its parts:
//
//	{{define "balance"}}<p id="balance" data-live="phone:{{.Data.MSISDN}}" hx-get="{{.Path}}" hx-trigger="live" hx-swap="outerHTML">
//	Ksh {{money .Data.Balance}}</p>{{end}}
//
// # A form
//
// A form is posted as it was typed. Every form that changes something has {{template "once"}}, so that a double click acts once; the one for signing in has none, which strangers can post.
// The fields are called as the control API calls them, so that what it refuses is said where it was typed:
//
//	func send(q *page.Request) error {
//		f := q.Form()
//		if !f.Posted() {
//			return q.Show("send", nil)
//		}
//		var paid control.Payment
//		err := q.Call(http.MethodPost, "phones/"+q.Value("msisdn")+"/send", f.Fields("to", "amount", "pin"), &paid)
//		if err != nil {
//			return q.Refused("send", nil, err)
//		}
//		return q.Redirect("/phones/" + q.Value("msisdn"))
//	}
//
//	<form method="post" action="{{.Path}}">
//	{{template "once"}}
//	{{template "field" (.Form.Field "to" "To" "hint" "A phone number" "inputmode" "tel")}}
//	{{template "field" (.Form.Field "amount" "Amount" "inputmode" "decimal")}}
//	{{template "field" (.Form.Field "pin" "PIN" "type" "password" "inputmode" "numeric" "maxlength" "4")}}
//	{{template "refusal" .Form}}
//	<button class="button primary">Send</button>
//	</form>
//
// The other inputs are "area", "select" (with .Form.Select) and "check". Without JavaScript the same form works as a plain post.
// data-confirm="Delete the app?" on a form asks first. q.Flash("Saved.") before a Redirect has the next page say so. A part of a
// page may hold a form with hx-post, hx-target and hx-swap: a refusal is swapped in as well.
//
// # What pages are put together from
//
// components.css has the classes, and nothing else is needed for most pages:
//
//	page-head (h1, p; then .row of buttons) · stack, row, grid, split (main-aside): arrangement · card (header, h2)
//	button (primary, danger, quiet, small, icon) · form, fields, filters, note (good, wait), refusal
//	table-box > table (dense); th.num and td.num are figures · facts (dl) · figures > figure (b, span) · pager
//	badge (good, bad, wait, info, code) · tabs (links with aria-current; or buttons, with data-tabs, see app.js) · empty
//	progress · dialog (data-open="#id", data-close) · details · soft, small, mono, clip, nowrap, hidden-text
//
// and these templates write what is often needed:
//
//	{{template "badge" .State}} {{template "result" .Result}} {{ago .At}}
//	{{template "copy" .ConsumerKey}}: a value with a button that copies it
//	{{template "code" (dict "label" "Request" "text" (json .Request))}}: code, the same way
//	{{template "secret" (dict "id" "passkey" "label" "passkey" "from" "/developer/…/passkey")}}: hidden until it is asked for; the
//	handler of that path answers q.Secret("passkey", "passkey", value)
//	{{template "pager" (dict "older" "/developer/log?before=17")}}
//
// # Safety
//
// The Content-Security-Policy allows no inline script, style or style attribute. A secret stands in no page before it was asked for:
// see the template "secret". What comes from people is escaped by html/template; template.HTML is not for it.
package page

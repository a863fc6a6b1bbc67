package phones

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/console/page"
)

const listedPhones = 25 // on a page

// addView is what can be put on the wall.
type addView struct {
	Wall    wall
	World   []control.CatalogueNumber // the customers that the world starts with
	List    []control.PhoneLine
	NextURL string // the next page of the list; "": there is none
	Start   bool   // the list begins with the first
}

// On reports whether a phone is on the wall.
func (v *addView) On(number string) bool { return len(v.Wall.With(number)) == len(v.Wall) }

// With is the wall with a phone more.
func (v *addView) With(number string) string { return v.Wall.With(number).URL() }

// showAdd shows what can be put on the wall, or puts a number there that was typed.
func (r *room) showAdd(q *page.Request) error {
	w, _ := readWall(q)
	number := q.Form().Get("number")
	if number == "" {
		return r.offer(q, w, nil)
	}
	phone, err := q.API().Phone(q.HTTP.Context(), number)
	if p, ok := errors.AsType[*control.Problem](err); ok && p.Status < http.StatusInternalServerError {
		p.Field = "number"
		if p.Status == http.StatusNotFound {
			p.Detail = "That is no customer's number yet. You can make a new customer with it."
			q.Form().Set("msisdn", number)
		}
		return r.offer(q, w, p)
	}
	if err != nil {
		return err
	}
	return q.Redirect(w.With(phone.MSISDN).URL())
}

// offer shows the page, with what was refused.
func (r *room) offer(q *page.Request, w wall, refused error) error {
	tables, err := r.catalogue(q)
	if err != nil {
		return err
	}
	after := q.HTTP.URL.Query().Get("after")
	list, err := q.API().Phones(q.HTTP.Context(), control.ListQuery{After: after, Limit: listedPhones})
	if err != nil {
		return err
	}
	v := &addView{Wall: w, World: tables.Customers, List: list.Items, Start: after == ""}
	if list.Next != "" {
		v.NextURL = w.AddURL() + "&after=" + list.Next + "#all"
	}
	if refused != nil {
		return q.Refused("add", v, refused)
	}
	return q.Show("add", v)
}

// create makes a customer and puts their phone on the wall.
func (r *room) create(q *page.Request) error {
	w, _ := readWall(q)
	f := q.Form()
	number := f.Get("msisdn")
	known, err := q.API().Phone(q.HTTP.Context(), number)
	p, ok := errors.AsType[*control.Problem](err)
	switch {
	case err == nil:
		return r.offer(q, w, &control.Problem{Status: http.StatusConflict, Field: "msisdn", Detail: "It is " + known.Name + "'s number already."})
	case !ok:
		return err
	case p.Status != http.StatusNotFound:
		return r.offer(q, w, p)
	}
	var made control.Phone
	if err := q.Call(http.MethodPut, "phones/"+url.PathEscape(number), f.Fields("name", "pin", "balance"), &made); err != nil {
		return r.offer(q, w, err)
	}
	return q.Redirect(w.With(made.MSISDN).URL())
}

package phones

import "github.com/kivuko/kivuko/internal/console/page"

func (r *room) routes() map[string]page.Handler {
	return map[string]page.Handler{
		"GET /phones":                       r.showWall,
		"POST /phones/hold":                 r.hold,
		"GET /phones/add":                   r.showAdd,
		"POST /phones/new":                  r.create,
		"GET /phones/{msisdn}":              r.showPhone,
		"GET /phones/{msisdn}/news":         r.showNews,
		"POST /phones/{msisdn}/answer":      r.answer,
		"GET /phones/{msisdn}/menu":         r.showMenu,
		"GET /phones/{msisdn}/menu/{item}":  r.showMenu,
		"POST /phones/{msisdn}/menu/{item}": r.useMenu,
		"GET /phones/{msisdn}/switches":     r.showSwitches,
		"POST /phones/{msisdn}/way":         r.setWay,
		"POST /phones/{msisdn}/state":       r.setState,
	}
}

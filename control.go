package kivuko

import "net/http"

func (k *Kivuko) control() http.Handler { return http.NotFoundHandler() }

package control

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// Organisation shows a business with its accounts. Its passkey is left out.
func (c *Client) Organisation(ctx context.Context, shortcode string) (*Organisation, error) {
	return get[Organisation](ctx, c, organisationPath(shortcode, ""))
}

// OrganisationSecret is Organisation with the passkey.
func (c *Client) OrganisationSecret(ctx context.Context, shortcode string) (*Organisation, error) {
	return get[Organisation](ctx, c, organisationPath(shortcode, "?secrets=1"))
}

// Organisations lists businesses, in the order of their shortcodes.
func (c *Client) Organisations(ctx context.Context, q ListQuery) (*Page[Organisation], error) {
	return get[Page[Organisation]](ctx, c, query("organisations", "after", q.After, "limit", q.Limit))
}

// AllOrganisations goes through all pages of Organisations.
func (c *Client) AllOrganisations(ctx context.Context, q ListQuery) iter.Seq2[Organisation, error] {
	return every(&q.After, func() (*Page[Organisation], error) { return c.Organisations(ctx, q) })
}

// PutOrganisation creates an organisation, or changes what is given.
func (c *Client) PutOrganisation(ctx context.Context, shortcode string, change OrganisationChange) (o *Organisation, created bool, err error) {
	o = new(Organisation)
	status, err := c.call(ctx, http.MethodPut, organisationPath(shortcode, ""), change, o)
	return o, status == http.StatusCreated, err
}

// URLs shows what an organisation has registered for C2B; a *Problem when it has nothing.
func (c *Client) URLs(ctx context.Context, shortcode string) (*URLs, error) {
	return get[URLs](ctx, c, organisationPath(shortcode, "/urls"))
}

// PutURLs registers URLs in place of what there is.
func (c *Client) PutURLs(ctx context.Context, shortcode string, urls URLs) (*URLs, error) {
	return send[URLs](ctx, c, http.MethodPut, organisationPath(shortcode, "/urls"), urls)
}

// DeleteURLs forgets what an organisation has registered.
func (c *Client) DeleteURLs(ctx context.Context, shortcode string) error {
	_, err := c.call(ctx, http.MethodDelete, organisationPath(shortcode, "/urls"), nil, nil)
	return err
}

// App shows a developer's app. Its secret is left out.
func (c *Client) App(ctx context.Context, key string) (*App, error) {
	return get[App](ctx, c, "apps/"+url.PathEscape(key))
}

// PutApp creates an app, or changes what is given.
func (c *Client) PutApp(ctx context.Context, key string, change AppChange) (app *App, created bool, err error) {
	app = new(App)
	status, err := c.call(ctx, http.MethodPut, "apps/"+url.PathEscape(key), change, app)
	return app, status == http.StatusCreated, err
}

// Apps lists developers' apps, in the order of their consumer keys. Their secrets are left out.
func (c *Client) Apps(ctx context.Context, q ListQuery) (*Page[App], error) {
	return get[Page[App]](ctx, c, query("apps", "after", q.After, "limit", q.Limit))
}

// AllApps goes through all pages of Apps.
func (c *Client) AllApps(ctx context.Context, q ListQuery) iter.Seq2[App, error] {
	return every(&q.After, func() (*Page[App], error) { return c.Apps(ctx, q) })
}

// AppSecret shows a developer's app with its secret.
func (c *Client) AppSecret(ctx context.Context, key string) (*App, error) {
	return get[App](ctx, c, "apps/"+url.PathEscape(key)+"?secrets=1")
}

// CreateApp creates an app with a new key and secret. It needs a name; without products it has them all.
func (c *Client) CreateApp(ctx context.Context, app AppChange) (*App, error) {
	return send[App](ctx, c, http.MethodPost, "apps", app)
}

// RotateApp gives an app a new secret, and shows it. Tokens that the app has hold until their time is over.
func (c *Client) RotateApp(ctx context.Context, key string) (*App, error) {
	return send[App](ctx, c, http.MethodPost, "apps/"+url.PathEscape(key)+"/rotate", nil)
}

// DeleteApp removes an app. Its tokens end with it.
func (c *Client) DeleteApp(ctx context.Context, key string) error {
	_, err := c.call(ctx, http.MethodDelete, "apps/"+url.PathEscape(key), nil, nil)
	return err
}

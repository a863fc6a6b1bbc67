package control

import (
	"context"
	"net/http"
	"net/url"
)

// Organisation shows a business with its accounts. Its passkey is left out.
func (c *Client) Organisation(ctx context.Context, shortcode string) (*Organisation, error) {
	return get[Organisation](ctx, c, organisationPath(shortcode, ""))
}

// Organisations lists businesses in the order of their shortcodes: those after one ("": from the first), and at most limit, or the
// API's usual number for 0.
func (c *Client) Organisations(ctx context.Context, after string, limit int) (*Organisations, error) {
	return get[Organisations](ctx, c, query("organisations", "after", after, "limit", limit))
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

// Operators lists an organisation's operators.
func (c *Client) Operators(ctx context.Context, shortcode string) ([]Operator, error) {
	list, err := get[Operators](ctx, c, organisationPath(shortcode, "/operators"))
	if err != nil {
		return nil, err
	}
	return list.Operators, nil
}

// Operator shows an operator.
func (c *Client) Operator(ctx context.Context, shortcode, username string) (*Operator, error) {
	return get[Operator](ctx, c, operatorPath(shortcode, username, ""))
}

// PutOperator creates an operator, or changes what is given.
func (c *Client) PutOperator(ctx context.Context, shortcode, username string, change OperatorChange) (o *Operator, created bool, err error) {
	o = new(Operator)
	status, err := c.call(ctx, http.MethodPut, operatorPath(shortcode, username, ""), change, o)
	return o, status == http.StatusCreated, err
}

// DeleteOperator removes an operator.
func (c *Client) DeleteOperator(ctx context.Context, shortcode, username string) error {
	_, err := c.call(ctx, http.MethodDelete, operatorPath(shortcode, username, ""), nil, nil)
	return err
}

// UnlockOperator forgets wrong passwords.
func (c *Client) UnlockOperator(ctx context.Context, shortcode, username string) (*Operator, error) {
	return send[Operator](ctx, c, http.MethodPost, operatorPath(shortcode, username, "/unlock"), nil)
}

func operatorPath(shortcode, username, rest string) string {
	return organisationPath(shortcode, "/operators/"+url.PathEscape(username)+rest)
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

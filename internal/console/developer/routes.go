package developer

import "github.com/kivuko/kivuko/internal/console/page"

// routes are those of the room's files, each in a map of its own.
func routes() map[string]page.Handler {
	return page.Merge(
		homeRoutes(),
		appRoutes(),
		credentialRoutes(),
		simulatorRoutes(),
		goLiveRoutes(),
		logRoutes(), callbackTestRoutes(), codeRoutes(), urlRoutes(), usageRoutes(), auditRoutes(),
	)
}

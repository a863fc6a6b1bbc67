package organisation

import "github.com/kivuko/kivuko/internal/console/page"

// routes are those of the room's files, each in a map of its own.
func routes() map[string]page.Handler {
	return page.Merge(
		homeRoutes(),
		accountRoutes(),
		statementRoutes(),
		initiateRoutes(),
		taskRoutes(),
		tariffRoutes(),
		signInRoutes(),
		operatorRoutes(),
		auditRoutes(),
		profileRoutes(),
		bulkRoutes(),
	)
}

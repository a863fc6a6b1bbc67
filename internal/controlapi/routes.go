package controlapi

import (
	"net/http"
	"slices"

	"github.com/kivuko/kivuko/control"
	"github.com/kivuko/kivuko/internal/portal"
)

// Routes lists the operations of the API.
func Routes() []Route {
	return slices.Concat(worldRoutes(), phoneRoutes(), organisationRoutes(), taskRoutes(), bulkRoutes(), operatorRoutes(), developerRoutes())
}

func worldRoutes() []Route {
	return []Route{
		get("openapi.json", "describe", "This description", (*server).openAPI, gives("OpenAPI 3.1.")),
		get("about", "about", "What runs, and how it was started", (*server).about, gives("It.")),
		get("health", "health", "Whether everything works", (*server).health, gives("It does.")),
		get("certificate", "certificate", "The certificate to encrypt SecurityCredentials with", (*server).certificate, media(control.PEMType), gives("PEM.")),
		get("catalogue", "catalogue", "Everything that is a table: codes, fields, roles, limits, tariffs and the world's numbers", (*server).getCatalogue, gives("The tables.")),
		get("books", "books", "What adding all transfers up and going through the chain gives", (*server).getBooks, gives("The sums.")),
		get("payments", "listPayments", "Payments, newest first", (*server).listPayments, fails(tooBroad), gives("A page.")),
		get("payments/{id}", "getPayment", "A payment, by any of its identifiers", (*server).getPayment, fails(notFound), gives("The payment.")),
		get("callbacks", "listCallbacks", "Callbacks with their attempts, newest first", (*server).listCallbacks, fails(tooBroad), gives("A page.")),
		get("callbacks/{id}", "getCallback", "A callback with its body", (*server).getCallback, fails(notFound), gives("The callback.")),
		post("callbacks/{id}/resend", "resend", "Send a callback once more, whatever came of it before; once a second at most", (*server).resend, status(http.StatusAccepted), fails(notFound, tooSoon), gives("It is due.")),
		post("callbacks/{id}/give-up", "giveUp", "Have no more attempts made at a pending callback, until it is resent", (*server).giveUp, fails(notFound, conflict), gives("It is given up.")),
		get("journal", "journal", "The latest requests to the gateway with their answers and why they were refused, newest first", (*server).listJournal, gives("A page.")),
		get("journal/{id}", "getEntry", "A request to the gateway, as long as the journal has it", (*server).getEntry, fails(notFound), gives("The request.")),
		post("callbacks/test", "testCallback", "Try a URL as a callback would be sent, with a POST that says that it is a test, and say what the profiles' rules and the documents say of it", (*server).testCallback, gives("What was found, however far it went.")),
		post("clock/advance", "advance", "Move the clock forward; what falls due in between happens", (*server).advance, gives("The time it is then.")),
	}
}

func phoneRoutes() []Route {
	return []Route{
		get("phones", "listPhones", "Customers' phones in the order of their numbers", (*server).listPhones, gives("A page.")),
		get("phones/{msisdn}", "getPhone", "A phone and the prompt that is open on it", (*server).getPhone, fails(notFound), gives("The phone.")),
		put("phones/{msisdn}", "putPhone", "Create a phone, or change what is given", (*server).putPhone, fails(conflict), gives("Changed.")),
		post("phones/{msisdn}/answer", "answer", "Answer the open prompt", (*server).answerPrompt, once(showPayment), fails(notFound), gives("What became of the payment.")),
		get("phones/{msisdn}/messages", "messages", "The SMS that the phone got, newest first", (*server).listMessages, fails(notFound), gives("The messages.")),
		post("phones/{msisdn}/pay", "pay", "Pay a pay bill or a till from the phone's menu", (*server).pay, once(showPayment), fails(notFound), gives("What became of the payment: a rule may have forbidden it.")),
		post("phones/{msisdn}/send", "send", "Send money to another customer", (*server).sendMoney, once(showPayment), fails(notFound), gives("What became of the payment: a rule may have forbidden it.")),
		post("phones/{msisdn}/withdraw", "withdrawCash", "Take cash out at an agent", (*server).withdrawCash, once(showPayment), fails(notFound), gives("What became of the payment: a rule may have forbidden it.")),
		post("phones/{msisdn}/deposit", "depositCash", "Pay cash in at an agent", (*server).depositCash, once(showPayment), fails(notFound), gives("What became of the payment: a rule may have forbidden it.")),
		post("phones/{msisdn}/pochi", "emptyPochi", "Move money from the business wallet into the own one", (*server).emptyPochi, once(showPayment), fails(notFound), gives("What became of the payment: a rule may have forbidden it.")),
		post("phones/{msisdn}/hold", "holdPhone", "Say that somebody holds the phone, or has put it down: while anybody holds it, prompts wait for them unless the phone was told how to answer. A prompt that they have seen goes on waiting when they have put it down", (*server).hold, fails(notFound), gives("The phone.")),
		post("phones/{msisdn}/balance", "askBalance", "Ask the menu for the balance, with the PIN", (*server).askBalance, fails(notFound), gives("What the menu says: the PIN may have been wrong, and three wrong ones in a row lock it.")),
		post("phones/{msisdn}/statement", "askStatement", "Ask the menu for the mini statement, with the PIN", (*server).askStatement, fails(notFound), gives("What the menu says: the PIN may have been wrong, and three wrong ones in a row lock it.")),
		post("phones/{msisdn}/pin", "changePIN", "Choose another PIN on the menu", (*server).changePIN, fails(notFound), gives("What came of it: the old PIN may have been wrong, and three wrong ones in a row lock it.")),
	}
}

func organisationRoutes() []Route {
	return []Route{
		get("organisations", "listOrganisations", "Businesses with their accounts and balances, in the order of their shortcodes", (*server).listOrganisations, gives("A page.")),
		get("organisations/{shortcode}", "getOrganisation", "A business with its accounts and balances", (*server).getOrganisation, byOperator, fails(notFound), gives("The organisation.")),
		put("organisations/{shortcode}", "putOrganisation", "Create a business, or change what is given", (*server).putOrganisation, needs(portal.RunKivuko, changesOrganisation), gives("Changed.")),
		get("organisations/{shortcode}/urls", "getURLs", "The URLs that a business has registered for what customers pay", (*server).getURLs, byOperator, fails(notFound), gives("The URLs.")),
		put("organisations/{shortcode}/urls", "putURLs", "Register URLs in place of what there is", (*server).putURLs, needs(portal.RunKivuko, registersURLs), fails(notFound), gives("The URLs.")),
		del("organisations/{shortcode}/urls", "deleteURLs", "Forget what is registered", (*server).deleteURLs, needs(portal.RunKivuko, deletesURLs), fails(notFound), gives("It is forgotten.")),
		post("organisations/{shortcode}/settle", "settle", "Settle the revenue: it clears Charges Paid, and the rest becomes Working", (*server).settle, once(showPayment), byOperator, fails(notFound), gives("The payment, or as it waits for another operator's approval.")),
		post("organisations/{shortcode}/move", "move", "Move money between a business's own accounts", (*server).moveFunds, once(showPayment), byOperator, fails(notFound), gives("The payment, or as it waits for another operator's approval.")),
		post("organisations/{shortcode}/withdraw", "withdrawToBank", "Withdraw from the Working account to the bank", (*server).withdrawToBank, once(showPayment), byOperator, fails(notFound), gives("The payment, or as it waits for another operator's approval.")),
		post("organisations/{shortcode}/deposit", "depositFromBank", "Pay money from outside into an account", (*server).depositFromBank, needs(portal.RunKivuko, "deposit from the bank"), once(showPayment), fails(notFound), gives("What became of the payment: a rule may have forbidden it.")),
		get("organisations/{shortcode}/accounts", "getAccounts", "The accounts of an organisation", (*server).getAccounts, byOperator, fails(notFound), gives("The accounts of an organisation.")),
		get("organisations/{shortcode}/statement", "getStatement", "Entries of an account in a period, newest first", (*server).getStatement, byOperator, fails(notFound, tooBroad), gives("A page of the statement.")),
		get("organisations/{shortcode}/statement.csv", "getStatementCSV", "All entries of an account in a period, as a table", (*server).getStatementCSV, media(control.CSVType), byOperator, fails(notFound), gives("All entries of an account in a period, as a table.")),
		get("organisations/{shortcode}/tariffs", "getTariffs", "What an organisation's payments cost", (*server).getTariffs, byOperator, fails(notFound), gives("What an organisation's payments cost.")),
		get("urls", "listURLs", "The organisations that have registered URLs for C2B, in the order of their shortcodes", (*server).listURLs, gives("A page.")),
	}
}

func taskRoutes() []Route {
	return []Route{
		get("organisations/{shortcode}/approval", "getApproval", "Which tasks need whose approval", (*server).getApproval, byOperator, fails(notFound), gives("Which tasks need whose approval.")),
		put("organisations/{shortcode}/approval", "putApproval", "Change which tasks need whose approval", (*server).putApproval, acting, gives("Change which tasks need whose approval.")),
		get("organisations/{shortcode}/tasks", "listTasks", "What waits for an approval, or has been decided on, newest first", (*server).listTasks, byOperator, fails(notFound), gives("What waits for an approval, or has been decided on, newest first.")),
		post("organisations/{shortcode}/tasks", "initiate", "Initiate a payment, a move, a settlement, a withdrawal or a reversal", (*server).initiate, once(showTask(http.StatusCreated)), status(http.StatusCreated), acting, gives("As it waits for another operator's approval, or was carried out.")),
		get("organisations/{shortcode}/tasks/kinds", "getTaskKinds", "What can be initiated", (*server).getTaskKinds, byOperator, fails(notFound), gives("What can be initiated.")),
		get("organisations/{shortcode}/tasks/{id}", "getTask", "A task", (*server).getTask, byOperator, fails(notFound), gives("A task.")),
		post("organisations/{shortcode}/tasks/{id}/approve", "approveTask", "Approve what another operator has initiated", (*server).approveTask, once(showTask(http.StatusOK)), acting, gives("Approve what another operator has initiated.")),
		post("organisations/{shortcode}/tasks/{id}/reject", "rejectTask", "Reject what another operator has initiated", (*server).rejectTask, once(showTask(http.StatusOK)), acting, gives("Reject what another operator has initiated.")),
	}
}

func operatorRoutes() []Route {
	return []Route{
		get("organisations/{shortcode}/operators", "listOperators", "A business's operators, in the order of their usernames", (*server).listOperators, byOperator, fails(notFound), gives("The operators.")),
		get("organisations/{shortcode}/operators/{username}", "getOperator", "An operator", (*server).getOperator, asking, fails(notFound), gives("The operator.")),
		put("organisations/{shortcode}/operators/{username}", "putOperator", "Create an operator, or change what is given", (*server).putOperator, asking, fails(notFound), gives("Changed.")),
		del("organisations/{shortcode}/operators/{username}", "deleteOperator", "Remove an operator", (*server).deleteOperator, asking, fails(notFound), gives("The operator is gone.")),
		post("organisations/{shortcode}/operators/{username}/unlock", "unlockOperator", "Forget an operator's wrong passwords", (*server).unlock, asking, fails(notFound), gives("The operator.")),
		post("organisations/{shortcode}/operators/{username}/suspend", "suspendOperator", "Keep an operator from doing anything", (*server).suspend, asking, fails(notFound), gives("The operator.")),
		post("organisations/{shortcode}/operators/{username}/resume", "resumeOperator", "End a suspension", (*server).resume, asking, fails(notFound), gives("The operator.")),
		post("organisations/{shortcode}/operators/{username}/reset", "resetOperator", "Take an operator's password away: a web operator gets a new first-time password by SMS, an API operator is pending until somebody sets one", (*server).reset, asking, fails(notFound), gives("The operator.")),
		post("organisations/{shortcode}/operators/{username}/password", "setPassword", "Set an operator's password, which activates the operator: of a web operator only for the administrator", (*server).setPassword, asking, fails(notFound), gives("The operator.")),
		get("audit", "listOwnAudit", "What the administrator did that is no organisation's, newest first", (*server).listOwnAudit, fails(tooBroad), gives("A page.")),
		get("organisations/{shortcode}/audit", "listAudit", "What was done with a business, and what was refused, newest first", (*server).listAudit, byOperator, fails(notFound, tooBroad), gives("A page.")),
		post("organisations/{shortcode}/sign-in", "signIn", "Sign in to the organisation portal: with the right password a one-time PIN goes to the operator's phone", (*server).signIn, fails(notFound), gives("What has to be given next.")),
		post("organisations/{shortcode}/sign-in/otp", "enterOTP", "Go on with the one-time PIN", (*server).enterOTP, fails(notFound), gives("What has to be given next.")),
		post("organisations/{shortcode}/sign-in/resend", "resendOTP", "Have another one-time PIN sent", (*server).resendOTP, fails(notFound), gives("What has to be given next.")),
		post("organisations/{shortcode}/sign-in/first", "activateOperator", "End the first sign-in: choose a password, and answer two security questions", (*server).activate, fails(notFound), gives("What has to be given next.")),
		post("organisations/{shortcode}/sign-in/forgotten", "forgottenPassword", "Begin to replace a forgotten password; whether there is such an operator is not told", (*server).forgottenPassword, fails(notFound), gives("What has to be given next.")),
		post("organisations/{shortcode}/sign-in/recover", "recoverPassword", "Replace a forgotten password with the answers to the security questions", (*server).recoverPassword, fails(notFound), gives("What has to be given next.")),
		get("organisations/{shortcode}/session", "getSession", "Whose a session is, with another token, which holds longer", (*server).getSession, bySession, fails(notFound), gives("The session.")),
		del("organisations/{shortcode}/session", "signOut", "Sign out: the operator's sessions end", (*server).signOut, inSession, gives("They have ended.")),
		post("organisations/{shortcode}/session/password", "changePassword", "Change one's own password: other sessions end", (*server).changePassword, inSession, gives("The session that goes on.")),
		get("roles", "getRoles", "The roles of operators, and what they are held to", (*server).getRoles, gives("The tables.")),
	}
}

func bulkRoutes() []Route {
	return []Route{
		get("organisations/{shortcode}/bulk", "listBulk", "Bulk files, newest first", (*server).listBulk, byOperator, fails(notFound), gives("A page.")),
		post("organisations/{shortcode}/bulk", "submitBulk", "Submit a bulk file: payments to many customers. Every row is checked; with one that would not be paid none is taken. It waits for another operator's approval (`tasks`) where it needs one, and is then paid", (*server).submitBulk, once(showBulk), status(http.StatusCreated), most(maxBulkBody), byOperator, fails(notFound, badRows), gives("The file as it waits, or is about to be paid.")),
		post("organisations/{shortcode}/bulk/check", "checkBulk", "What would come of a bulk file: nothing changes", (*server).checkBulk, most(maxBulkBody), byOperator, fails(notFound), gives("What would come of it.")),
		get("organisations/{shortcode}/bulk/template.csv", "bulkTemplate", "A bulk file to begin with", (*server).bulkTemplate, media(control.CSVType), fails(notFound), gives("CSV.")),
		get("organisations/{shortcode}/bulk/{id}", "getBulk", "A bulk file and how far it has been paid", (*server).getBulk, byOperator, fails(notFound), gives("The file.")),
		get("organisations/{shortcode}/bulk/{id}/rows", "listBulkRows", "Rows of a bulk file and what came of them, in the order of their lines", (*server).listBulkRows, byOperator, fails(notFound), gives("A page.")),
		get("organisations/{shortcode}/bulk/{id}/results.csv", "bulkResults", "What came of all rows of a bulk file", (*server).bulkResults, media(control.CSVType), byOperator, fails(notFound), gives("CSV.")),
	}
}

func developerRoutes() []Route {
	return []Route{
		get("apps", "listApps", "Developers' apps in the order of their keys", (*server).listApps, gives("A page.")),
		post("apps", "createApp", "Create an app with a new key and secret", (*server).createApp, status(http.StatusCreated), gives("Created: the only answer that shows the secret unasked, but for that of rotate.")),
		get("apps/{key}", "getApp", "A developer's app", (*server).getApp, fails(notFound), gives("The app.")),
		put("apps/{key}", "putApp", "Create an app, or change what is given", (*server).putApp, gives("Changed.")),
		del("apps/{key}", "deleteApp", "Delete an app: its tokens end with it", (*server).deleteApp, fails(notFound), gives("Deleted.")),
		get("apps/{key}/golive", "getGoLive", "How far a sandbox app is on its way to production, with the test cases filled in from the log", (*server).getGoLive, fails(notFound, conflict), gives("How far it is.")),
		del("apps/{key}/golive", "abandonGoLive", "Go back to the first step: what was seen of the test cases stays, and so does a production app", (*server).abandonGoLive, fails(notFound), gives("Done.")),
		post("apps/{key}/golive/tests", "passTests", "Step 1: the test cases of the products that are to be live", (*server).passTests, ofApp, gives("How far the app then is.")),
		post("apps/{key}/golive/verification", "verifyOrganisation", "Step 2: verify the organisation; its operator is sent a one-time PIN", (*server).verifyOrganisation, ofApp, gives("How far the app then is.")),
		post("apps/{key}/golive/otp", "confirmLivePIN", "Step 3: the one-time PIN", (*server).confirmLivePIN, ofApp, gives("How far the app then is.")),
		post("apps/{key}/golive/otp/resend", "resendLivePIN", "Send another one-time PIN", (*server).resendLivePIN, ofApp, gives("How far the app then is.")),
		post("apps/{key}/golive/products", "applyForLive", "Step 4: choose products, which makes the production app", (*server).applyForLive, ofApp, gives("How far the app then is.")),
		post("apps/{key}/rotate", "rotateApp", "Give an app a new secret: the old one is refused from now on, tokens hold until their time is over", (*server).rotateApp, fails(notFound), gives("With the new secret.")),
		get("credentials", "getCredentials", "The test credentials", (*server).getCredentials, gives("Who is who in the world that an installation starts with.")),
		post("credentials/encrypt", "encryptCredential", "Encrypt a password with the certificate", (*server).encryptCredential, gives("The SecurityCredential.")),
		post("credentials/check", "checkCredential", "Tell what a SecurityCredential is, without showing what is in it or counting a wrong password", (*server).checkCredential, gives("What it is.")),
		get("simulator", "draft", "A request that works, for one of the APIs", (*server).draft, gives("The draft.")),
		post("simulator", "simulate", "Send a request to the gateway as an app, with a token of its own", (*server).simulate, gives("What the gateway answered, whatever it is.")),
		get("simulator/callbacks", "collected", "What came to an app's own URL for callbacks since Kivuko was started, newest first", (*server).collected, gives("The latest.")),
		post("catalogue/try", "tryCode", "Send a request of the catalogue to the gateway: a usual one, but for what the catalogue says, so that a code arrives", (*server).tryCode, gives("The request and the gateway's answer, whatever it is.")),
		get("apps/{key}/usage", "getUsage", "What an app asked for in the last minutes, as this process counted it since it was started", (*server).getUsage, fails(notFound), gives("The usage.")),
	}
}

// Package portal is the rules about who acts for an organisation and how: operators and their rights, signing in, tasks that one operator
// initiates and another approves, bulk files, and what the administrator changes. Like package mpesa, whose rules carry out what was
// approved, it is pure: functions of the rows in a View and of the time.
package portal

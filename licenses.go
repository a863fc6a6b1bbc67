package kivuko

import _ "embed"

//go:embed NOTICE
var notice string

// Licenses returns what the licences of the modules and files that are part of the program ask to be passed on with it: copyright lines,
// licence texts and notices. It is the file NOTICE.
func Licenses() string { return notice }

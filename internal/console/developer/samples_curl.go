package developer

import "strings"

// shellWords are what stands for marks in a shell's double quotes.
var shellWords = map[string]string{timestampMark: "$TIMESTAMP", passwordMark: "$PASSWORD", credentialMark: "$SECURITY_CREDENTIAL", uniqueMark: "$UNIQUE"}

// unquotable takes away what has a meaning in a shell's here-document.
var unquotable = strings.NewReplacer(`\`, `\\`, "$", `\$`, "`", "\\`")

// expanded writes a text with marks for a here-document.
func expanded(text string) string {
	var b strings.Builder
	for _, p := range pieces(text) {
		if p.mark != "" {
			b.WriteString(shellWords[p.mark])
		} else {
			b.WriteString(unquotable.Replace(p.text))
		}
	}
	return b.String()
}

// inQuotes writes a text with marks for the inside of double quotes.
func inQuotes(text string) string { return strings.ReplaceAll(expanded(text), `"`, `\"`) }

// curlSample is for a POSIX shell.
func curlSample(r *request) string {
	token := `curl -sS -u "` + inQuotes(r.Key) + `:$CONSUMER_SECRET" "$BASE/oauth/v1/generate?grant_type=client_credentials"`
	head := []string{`BASE="` + inQuotes(r.Base) + `"`}
	if r.path() == "" {
		return lines(append(head, token)...)
	}
	password := `PASSWORD=$(printf %s "` + inQuotes(r.Body.Text("BusinessShortCode")) + "$PASSKEY" + inQuotes(r.Body.Text("Timestamp")) + `" | base64 | tr -d '\n')`
	return lines(append(head,
		`TOKEN=$(`+token+` | sed 's/.*"access_token" *: *"\([^"]*\)".*/\1/')`,
		when(r.uses(timestampMark), "TIMESTAMP=$(TZ=EAT-3 date +%Y%m%d%H%M%S)"),
		when(r.uses(passwordMark), password),
		when(r.uses(credentialMark), "# "+credentialHelp),
		when(r.uses(uniqueMark), "UNIQUE=$(date +%s)-$$"),
		`curl -sS "$BASE`+r.path()+`" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d @- <<END`,
		expanded(r.Body.String()),
		"END",
	)...)
}

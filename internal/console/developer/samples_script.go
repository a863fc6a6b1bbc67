package developer

import (
	"encoding/json"
	"strings"
)

// javaScript quotes as JSON does.
var javaScript = language{plus: " + ", colon: ": ",
	quote: func(text string) string { return string(quoted(text)) },
	mark: func(mark string) string {
		return map[string]string{timestampMark: "timestamp", passwordMark: "password", credentialMark: "process.env.SECURITY_CREDENTIAL", uniqueMark: "unique"}[mark]
	},
}

func asJSON(value json.RawMessage) string { return string(value) }

// nodeSample is for Node 18 or later.
func nodeSample(r *request) string {
	head := lines(
		"const base = "+javaScript.quote(r.Base)+";",
		"const basic = Buffer.from("+javaScript.quote(r.Key+":")+" + process.env.CONSUMER_SECRET).toString(\"base64\");",
		"",
		"const granted = await fetch(base + \"/oauth/v1/generate?grant_type=client_credentials\", {\n  headers: { Authorization: \"Basic \" + basic },\n});",
	)
	if r.path() == "" {
		return head + "console.log(granted.status, await granted.text());\n"
	}
	return head + lines(
		"const token = (await granted.json()).access_token;",
		javaScript.prepared(r, "const timestamp = new Date(Date.now() + 3 * 3600e3).toISOString().replace(/\\D/g, \"\").slice(0, 14); // East Africa Time",
			"const password = Buffer.from(%s + process.env.PASSKEY + %s).toString(\"base64\");", "//", "const unique = crypto.randomUUID();"),
		"const answer = await fetch(base + "+javaScript.quote(r.path())+", {",
		"  method: \"POST\",",
		"  headers: { Authorization: \"Bearer \" + token, \"Content-Type\": \"application/json\" },",
		"  body: JSON.stringify({\n"+strings.TrimSuffix(javaScript.members(r.Body, asJSON), "\n"),
		"  }),\n});",
		"console.log(answer.status, await answer.text());",
	)
}

// python quotes as JSON does, with the words that it has others for read from JSON.
var python = language{plus: " + ", colon: ": ",
	quote: func(text string) string { return string(quoted(text)) },
	mark: func(mark string) string {
		return map[string]string{timestampMark: "timestamp", passwordMark: "password", credentialMark: `os.environ["SECURITY_CREDENTIAL"]`, uniqueMark: "unique"}[mark]
	},
}

// pythonSample is for Python 3, without packages besides its own.
func pythonSample(r *request) string {
	head := lines(
		"import base64, json, os, urllib.error, urllib.request",
		when(r.uses(timestampMark), "from datetime import datetime, timedelta, timezone"),
		when(r.uses(uniqueMark), "from uuid import uuid4"),
	) + "\nbase = " + python.quote(r.Base) + `


def ask(path, authorization, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(base + path, data, headers)) as answer:
            return answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.read()


basic = base64.b64encode((` + python.quote(r.Key+":") + ` + os.environ["CONSUMER_SECRET"]).encode()).decode()
granted = ask("/oauth/v1/generate?grant_type=client_credentials", "Basic " + basic)
`
	if r.path() == "" {
		return head + "print(granted.decode())\n"
	}
	return head + lines(
		"token = json.loads(granted)[\"access_token\"]",
		python.prepared(r, "timestamp = datetime.now(timezone(timedelta(hours=3))).strftime(\"%Y%m%d%H%M%S\")  # East Africa Time",
			"password = base64.b64encode((%s + os.environ[\"PASSKEY\"] + %s).encode()).decode()", "#", "unique = str(uuid4())"),
		"answer = ask("+python.quote(r.path())+", \"Bearer \" + token, {",
		strings.TrimSuffix(python.members(r.Body, func(v json.RawMessage) string { return "json.loads(" + python.quote(string(v)) + ")" }), "\n"),
		"})",
		"print(answer.decode())",
	)
}

// php quotes with single quotes, in which only two characters have a meaning.
var php = language{plus: " . ", colon: " => ",
	quote: func(text string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'" },
	mark: func(mark string) string {
		return map[string]string{timestampMark: "$timestamp", passwordMark: "$password", credentialMark: "getenv('SECURITY_CREDENTIAL')", uniqueMark: "$unique"}[mark]
	},
}

// phpSample is for PHP 7 or later, without extensions.
func phpSample(r *request) string {
	head := "<?php\n$base = " + php.quote(r.Base) + `;

function ask($url, $authorization, $body = null) {
    $headers = "Authorization: $authorization\r\nContent-Type: application/json";
    $http = ['header' => $headers, 'ignore_errors' => true];
    if ($body !== null) {
        $http += ['method' => 'POST', 'content' => json_encode($body)];
    }
    return file_get_contents($url, false, stream_context_create(['http' => $http]));
}

$basic = base64_encode(` + php.quote(r.Key+":") + ` . getenv('CONSUMER_SECRET'));
$granted = ask($base . '/oauth/v1/generate?grant_type=client_credentials', "Basic $basic");
`
	if r.path() == "" {
		return head + "echo $granted, PHP_EOL;\n"
	}
	return head + lines(
		"$token = json_decode($granted)->access_token;",
		php.prepared(r, "$timestamp = (new DateTime('now', new DateTimeZone('Africa/Nairobi')))->format('YmdHis');",
			"$password = base64_encode(%s . getenv('PASSKEY') . %s);", "//", "$unique = bin2hex(random_bytes(12));"),
		"echo ask($base . "+php.quote(r.path())+", \"Bearer $token\", [",
		strings.TrimSuffix(php.members(r.Body, func(v json.RawMessage) string { return "json_decode(" + php.quote(string(v)) + ", true)" }), "\n"),
		"]), PHP_EOL;",
	)
}

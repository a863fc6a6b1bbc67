package control

// Routes lists the methods of each path that New serves.
func Routes() map[string][]string {
	list := map[string][]string{}
	for path, methods := range (&server{}).routes() {
		for method := range methods {
			list[path] = append(list[path], method)
		}
	}
	return list
}

// ProblemTypes lists the types of all problems.
func ProblemTypes() (list []string) {
	for _, k := range problemKinds() {
		list = append(list, k.uri())
	}
	return list
}

//go:build !unix

package bounds

// descriptors is how many files and connections the process may have open.
func descriptors() int { return maxDescriptors }

package respond

// RefusalError is what a driver says when it knows the target and never acts on it: the target is protected, or the driver lacks the
// right. It is a sentence for people.
type RefusalError string

func (r RefusalError) Error() string { return string(r) }

package config

// retired are keys that were read and never obeyed, with what to do instead. Who wrote one believed in something that did not happen, so it is
// refused like any unknown key, and says more.
func retired(path string) (why, hint string) {
	switch path {
	case "casebook.no_raw":
		return "alerts as received were always kept in the casebook, whatever stood here", "soc triage --no-book alerts.json"
	case "casebook.keep":
		return "closed cases were never deleted, whatever stood here", "leave the line out"
	case "baseline.history":
		return "everything that was seen always counted, whatever stood here", "leave the line out; soc learn --events says what is usual in a window of your choice"
	case "triage.workers":
		return "it was never used", "soc triage --workers 2 alerts.json"
	case "triage.limits.depth", "triage.limits.keys":
		return "an alert may be 64 levels deep and an object of it have 4096 keys, whatever stood here", "leave the line out"
	}
	return "", ""
}

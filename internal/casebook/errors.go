package casebook

import "errors"

// Errors that a caller may want to tell apart.
var (
	ErrNewer     = errors.New("it was written by a newer soc")
	ErrOlder     = errors.New("it was written by an older soc and must be opened once for writing")
	ErrForeign   = errors.New("not a casebook")
	ErrBusy      = errors.New("another process is writing to it and does not finish")
	ErrFull      = errors.New("the disk is full")
	ErrNoSchema  = errors.New("the schema of its search_path is not there")
	ErrReadOnly  = errors.New("it may not be written")
	ErrDamaged   = errors.New("the file is damaged")
	ErrNoCase    = errors.New("no such case")
	ErrAmbiguous = errors.New("more than one case begins like this")
	ErrClosed    = errors.New("the case is closed already")
	ErrOpen      = errors.New("the case is open already")
	ErrSame      = errors.New("it is in that case already")
	ErrNoVerdict = errors.New("no such verdict in the case")
	ErrWhole     = errors.New("no verdict would be left in the case")
	ErrPassed    = errors.New("that time has passed")
	ErrJournal   = errors.New("the journal does not hold")
)

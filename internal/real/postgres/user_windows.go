package postgres

import "os/exec"

func own(string) error { return nil }

func as(*exec.Cmd) error { return nil }

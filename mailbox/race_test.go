//go:build race

package mailbox_test

func init() { underRace = true }

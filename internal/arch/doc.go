// Package arch holds the rules of this repository that no compiler knows: which package may import which, and what must
// not appear where. It has no code of its own; its tests check the rules against every Go file of the module, whatever
// the file's build tags.
package arch

package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

const usage = `Usage: crawler [flags] [URL]

Crawls the site at URL, or without one a generated market of second-hand homes
that it serves itself.

`

const afterFlags = `
An interrupt (Ctrl-C, or a TERM signal) ends the crawl early: no further page is
fetched, and what was found is written. A second one leaves at once.

Exit status: 0 when the crawl is complete, broken links or not; 1 when it
failed; 2 for a command line that is wrong; 130 after an interrupt.
`

// helpWidth is how many columns the help keeps to.
const helpWidth = 80

// writeHelp is flag's PrintDefaults, with lines that fit a terminal.
func writeHelp(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, usage)
	flags.VisitAll(func(f *flag.Flag) {
		name, text := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
			text += " (default " + f.DefValue + ")"
		}
		fmt.Fprintln(w, strings.TrimRight("  -"+f.Name+" "+name, " "))
		const indent = "      "
		line := indent
		for _, word := range strings.Fields(text) {
			if len(line)+1+len(word) > helpWidth && line != indent {
				fmt.Fprintln(w, line)
				line = indent
			}
			if line != indent {
				line += " "
			}
			line += word
		}
		fmt.Fprintln(w, line)
	})
	fmt.Fprint(w, afterFlags)
}

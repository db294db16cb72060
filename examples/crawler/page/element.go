package page

// A kind is what scan and plant have to know of an element.
type kind uint32

const (
	anchor kind = 1 << iota
	area
	base
	title
	script
	raw      // holds text alone, and nothing in it is a tag; title and script are of their own
	void     // holds nothing, and has no end tag
	ignored  // its tags change nothing that is looked for here
	hopeless // takes a tree

	inline // may stand in a link without splitting it
	block  // ends an open paragraph; may stand in a link where there is none
	para   // <p>
	item   // <li>, <dt>, <dd>
	choice // <select>, and what it consists of: nothing else may stand in there
	table
	section // of a table
	row
	cell

	heading
	list // <ul> and the like

	odd      // it begins, or is read, by rules of its own
	optional // its end tag may be left out
	sweeps   // its end tag ends what is in it and whose end tag was left out
)

const tabular = table | section | row // in these, directly, only parts of a table may stand

// kinds are of the elements known to HTML. All others are inline: so are unknown ones, and those that a site defines.
var kinds = map[string]kind{
	"a": anchor, "area": area | void, "base": base | void, "title": title, "script": script,

	"style": raw, "iframe": raw, "noembed": raw | odd, "noframes": raw | odd, "textarea": raw,

	"br": void, "col": section | void, "embed": void, "img": void, "image": void | odd, "input": void, "keygen": void, "link": void, "meta": void,
	"param": void, "source": void, "track": void, "wbr": void, "basefont": void, "bgsound": void, "frame": void | odd,
	"hr": void | block,

	"html": ignored, "head": ignored, "body": ignored,

	"svg": hopeless, "math": hopeless, "template": hopeless, "frameset": hopeless, "plaintext": hopeless, "xmp": hopeless,

	"address": block | sweeps, "article": block | sweeps, "aside": block | sweeps, "blockquote": block | sweeps,
	"center": block | sweeps, "details": block | sweeps, "dialog": block | sweeps, "dir": block | list | sweeps, "div": block | sweeps,
	"dl": block | list | sweeps, "fieldset": block | sweeps, "figcaption": block | sweeps, "figure": block | sweeps,
	"footer": block | sweeps, "header": block | sweeps, "hgroup": block | sweeps, "main": block | sweeps, "menu": block | list | sweeps,
	"nav": block | sweeps, "ol": block | list | sweeps, "section": block | sweeps, "summary": block | sweeps, "ul": block | list | sweeps,
	"h1": block | heading, "h2": block | heading, "h3": block | heading, "h4": block | heading, "h5": block | heading, "h6": block | heading, "pre": block,

	"p":  para | block | optional,
	"li": item | optional | sweeps, "dt": item | optional | sweeps, "dd": item | optional | sweeps, "option": choice | optional,

	"table": table | sweeps,
	"tbody": section | optional | sweeps, "thead": section | optional | sweeps, "tfoot": section | optional | sweeps,
	"colgroup": section | optional | sweeps,
	"tr":       row | optional | sweeps,
	"td":       cell | optional | sweeps, "th": cell | optional | sweeps, "caption": cell | sweeps,

	"select": choice | sweeps, "optgroup": choice,

	"rb": inline | odd, "rp": inline | odd, "rt": inline | odd, "rtc": inline | odd,

	// What may not stand in a link, or only where it would take more to know that.
	"applet": odd, "button": 0, "form": 0, "listing": odd, "marquee": odd, "nobr": odd, "object": odd, "search": odd,
}

// longestName is how long a name in kinds is at most.
const longestName = 10

// known is kinds, laid out so that one look finds almost every name: a page has hundreds of tags, and a map took longer for
// them than all the rest of reading them.
var known = func() (t [places]element) {
	for name, k := range kinds {
		at := place(name)
		for t[at].name != "" {
			at = (at + 1) % places
		}
		t[at] = element{name, k}
	}
	return t
}()

const places = 512

type element struct {
	name string
	kind kind
}

// place is where in known a name is, or would be.
func place[T string | []byte](name T) int {
	return (int(name[0])*37 + int(name[len(name)-1])*5 + len(name)*83) % places
}

// kindOf returns the kind of the element of that name, in whatever case. The name has a letter at least.
func kindOf(name []byte) kind {
	if len(name) > longestName {
		return inline
	}
	var lower [longestName]byte
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	name = lower[:len(name)]
	for at := place(name); known[at].name != ""; at = (at + 1) % places {
		if known[at].name == string(name) {
			return known[at].kind
		}
	}
	return inline
}

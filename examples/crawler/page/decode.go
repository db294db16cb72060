package page

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// IsHTML reports whether Parse is for this body: its type is text/html or application/xhtml+xml, whatever the
// parameters. An empty type is sniffed from the first 512 bytes, as a browser does; a wrong one is believed.
func IsHTML(contentType string, body []byte) bool {
	if strings.TrimSpace(contentType) == "" {
		contentType = http.DetectContentType(body)
	}
	// Parameters that do not parse come with the type itself, which is all that matters here.
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}

var utf8Mark = []byte("\xef\xbb\xbf")

// decode returns body as UTF-8 without a byte order mark: what it is in most cases already. It is then not copied.
func decode(body []byte, contentType string) ([]byte, error) {
	marked := bytes.HasPrefix(body, utf8Mark)
	if marked || saysUTF8(contentType) && !bytes.HasPrefix(body, []byte("\xfe\xff")) && !bytes.HasPrefix(body, []byte("\xff\xfe")) {
		if utf8.Valid(body) {
			return bytes.TrimPrefix(body, utf8Mark), nil
		}
	}
	enc, name, certain := charset.DetermineEncoding(body, contentType)
	// DetermineEncoding looks at 1 KiB, and for want of anything better says windows-1252. A page whose first
	// accented letter comes later would be garbled; that a text which is not UTF-8 passes for it does not happen.
	if !certain && name == "windows-1252" && utf8.Valid(body) {
		return body, nil
	}
	// Nop is how DetermineEncoding spells a guess of UTF-8. It would let through bytes that are not.
	if enc == encoding.Nop || name == "utf-8" {
		enc = unicode.UTF8
	}
	return io.ReadAll(transform.NewReader(bytes.NewReader(body), unicode.BOMOverride(enc.NewDecoder())))
}

// saysUTF8 reports whether the parameter of a Content-Type is the usual one. That it is not, in a spelling of its own,
// costs no more than time.
func saysUTF8(contentType string) bool {
	_, parameters, err := mime.ParseMediaType(contentType)
	return err == nil && strings.EqualFold(parameters["charset"], "utf-8")
}

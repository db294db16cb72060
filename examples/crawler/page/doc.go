// Package page turns the bytes of one web page into what a crawler wants of it: the links to follow and the records
// to keep.
//
// Everything here is a pure function of its arguments: no network, no clock, no goroutines, no state between calls.
// All of it may be called from many goroutines at once, with the same [Spec].
//
// [Canonical] is the heart. A crawler that knows one page under two spellings fetches it twice, and one that folds two
// pages into one spelling misses one of them. So it folds what RFC 3986 calls equivalent, and beyond that only what
// servers do not tell apart in practice, or do not see: the order of query parameters, empty ones, the userinfo and
// the fragment.
//
// HTML is read in three ways. Most pages are nested as they should be: their links are found in one pass over the tags
// (scan), and their tree, where there are records to look for, is put together from them (plant). Both give up at the first
// thing that a browser would have to mend, and leave the page to the parser of golang.org/x/net/html, which is the measure of
// both: what they find is what it finds, and a page thrown together by chance is how the tests try to prove otherwise.
//
// What a link says about itself is not judged here: a link with rel=nofollow is returned like any other, because a
// broken one is as broken for the reader who clicks on it.
package page

// Package report holds what a crawl shows and leaves behind: files of records and links, a summary at the end, and a
// line of progress meanwhile.
//
// # Files that are always whole
//
// [CreateRecords] and [CreateLinks] write tables that somebody may look at, and a process that may be interrupted, at
// any time. Each row goes to the file in one write as it comes, and after each the file is a complete CSV or JSON
// document: for JSON the closing bracket is written behind every row and overwritten by the next. A killed process loses
// no row for which Write had returned. Not promised: that a row is whole if the kill comes in the middle of its write, and
// that rows survive the machine's losing power, because nothing is synced.
//
// A temporary file renamed at the end would be safer still, but nobody could watch it grow. So the file itself grows, and
// what stood in it from an earlier run is left alone until the first row, or Close, replaces it: a process that dies
// before it has found anything destroys nothing.
//
// # Concurrency
//
// Nothing here starts a goroutine or takes a lock. Each writer, Progress and Summary is for one goroutine at a time.
package report

// Imageserver is a small web service built from actors: it takes images, scales them down, and says what they are.
//
//	go run ./examples/imageserver -addr localhost:8080
//	curl --data-binary @photo.jpg 'http://localhost:8080/images?width=320'                     what it is, as JSON
//	curl --data-binary @photo.jpg 'http://localhost:8080/images?width=320&as=image' -o small.jpg
//	curl http://localhost:8080/metrics                                                         for Prometheus
//	go run ./examples/imageserver/load -addr localhost:8080                                    ten times what it can do
//
// A request goes this way:
//
//	POST /images ──▶ admission ──▶ body read ──▶ workers ──▶ catalogue ──▶ 200
//	                    │           and bounded   decode,      one write for all
//	                    │ full                    scale, hash   that piled up
//	                    └──▶ 503, Retry-After, at once
//
// Admission is a semaphore.Pool: no more requests are inside than it has permits, so memory is bounded by what those can
// weigh, and who comes too many is told so at once, before his image is read. A client that goes gives its place back
// when no worker has its image any more. The workers are a workerpool.Pool: an image that makes the decoder panic fails
// its own request alone. The catalogue is a batch.Batcher: what piles up while one write is under way goes out as the
// next one, so that a file that is flushed for each write keeps up.
//
// SIGTERM or Ctrl-C: the listener closes, what was admitted is answered, the pools drain, and the program ends with 0.
package main

// Package crawl crawls web sites with actors.
//
//	         found, by depth                   +--> host (robots, rate) + its semaphore (per host)
//	    +-----------------------+              |
//	    v                       |              |
//	frontier ----- Pipe ----> visit -----------+--> fetchers (workerpool)
//	    ^                       |              +--> parsers  (workerpool)
//	    +------ finished -------+              +--> sink (records, as they come)
//
// The frontier knows every address that was ever seen and decides what is visited next. It never waits: each visit runs
// as a Pipe of its own, which asks the host's actor for its turn, the pools for their work, and tells the sink. So the
// one cycle in this picture, from the frontier by way of its visits back to the frontier, cannot fill up and lock.
//
// Nothing here takes a lock. What an actor must not lose when it crashes (what has been seen, whose turn is next) is
// kept by the function that makes its behaviours, and the message that it crashed on is delivered again.
package crawl

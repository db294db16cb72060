package runtime_test

// place is the atomic step that a goroutine does next. Those that are named after a function are its steps, in order.
type place uint8

const (
	nowhere place = iota
	lost          // ended, or stuck until it ends, with a turn that was taken away

	// runner.go
	starts
	activates
	setsOn
	wakesUp // node.awake
	endsTurn
	looksUp
	looksUpLocked
	takes
	takesShared
	takesNext
	casNext
	rowOthers
	rowList
	rowQueues
	takesList
	searches
	searchesOn
	yieldsNext
	yieldsShared
	yieldsList
	leavesWork
	queues

	// dispatch.go
	readies
	tornStore // of the mutation tornSlot
	readiesAdd
	readiesShort
	readiesCalled
	calls
	shares
	guards
	guardsCAS
	guardsStart
	relieves
	takesOver
	takesOverOn
	forsakes

	// wait.go
	waitsIn
	inWait

	// turn.go, decide.go
	nexts
	sleepsBlind // of the mutation sleepsUnseeing
	handles
	blocked
	failsMessage
	failsNode
	decides
	suspends
	tearsDown
	stopsKids
	entersHook
	inHook
	afterHook
	settlesHook
	hereLoads
	hereStores

	// watchdog.go
	naps
	disarms
	looksAgain
	rearms

	// stop.go, supervise.go
	wakes
	stopsWaiting
	overdueLoads
)

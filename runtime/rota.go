package runtime

// A rota has the ready actors of a runner, but for the one in its slot. Those that have never run on a runner are young, and go
// first, the youngest before its elders. So a tree of actors that spawn others grows depth first, and few are alive
// at a time; first come, first served would have all of its leaves alive at once. It is what work stealing does with
// tasks, from either end: Blumofe and Leiserson, "Scheduling multithreaded computations by work stealing" (1999).
//
// Nobody is passed for ever. When as many young ones have gone as there were when the last one went that had waited, and at
// least 64, another goes that has waited: as if it had stood in line with those. And the eldest of the young is old then.
type rota struct {
	young, old queue
	left       int // young ones that may go before one that has waited
}

func (l *rota) any() bool { return l.young.any() || l.old.any() }
func (l *rota) len() int  { return l.young.n + l.old.n }

func (l *rota) push(n *node) {
	if n.on.Load() == nil {
		l.young.push(n)
	} else {
		l.old.push(n)
	}
}

// pop takes the one that the runner itself is to run next.
func (l *rota) pop() *node {
	if l.left > 0 && l.young.n > 0 {
		l.left--
		return l.young.popLast()
	}
	if l.young.n > 0 {
		l.old.push(l.young.pop())
	}
	l.left = max(maxRow, l.young.n)
	return l.old.pop()
}

// shift takes one for another runner to run: the eldest of the young, from which the largest tree may come.
func (l *rota) shift() *node {
	if l.young.n > 0 {
		return l.young.pop()
	}
	return l.old.pop()
}

package crawl

// todo is what waits to be visited, the nearest to the start first, and in the order found among equals.
type todo struct {
	levels [][]target // by depth
	first  int        // no level before it holds anything
	n      int
}

// A target is an address to be visited.
type target struct {
	address string
	depth   int
}

func (q *todo) push(t target) {
	for len(q.levels) <= t.depth {
		q.levels = append(q.levels, nil)
	}
	q.levels[t.depth] = append(q.levels[t.depth], t)
	q.first = min(q.first, t.depth)
	q.n++
}

func (q *todo) pop() target {
	for len(q.levels[q.first]) == 0 {
		q.first++
	}
	level := q.levels[q.first]
	t := level[0]
	q.levels[q.first] = level[1:]
	q.n--
	return t
}

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
	depth   int // links from the start
	moves   int // redirects in a row that led here
}

func (q *todo) push(t target) {
	for len(q.levels) <= t.depth {
		q.levels = append(q.levels, nil)
	}
	q.levels[t.depth] = append(q.levels[t.depth], t)
	q.first = min(q.first, t.depth)
	q.n++
}

// depth returns that of the next target, of which there must be one.
func (q *todo) depth() int {
	for len(q.levels[q.first]) == 0 {
		q.first++
	}
	return q.first
}

func (q *todo) pop() target {
	level := q.levels[q.depth()]
	t := level[0]
	q.levels[q.first] = level[1:]
	q.n--
	return t
}

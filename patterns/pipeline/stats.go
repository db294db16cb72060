package pipeline

// Stats are the figures of a run.
type Stats struct {
	Stages []StageStats // sources first, each before those it sends to
	// Dropped is how many items a run that was cancelled, or has failed, has lost: they were under way from one stage to
	// the next, or waited inside of one. It is 0 until the run has ended.
	Dropped uint64
}

// StageStats are the figures of one stage. While the run goes on they may be those of a moment ago.
type StageStats struct {
	Name    string
	In      uint64 // items begun; a source has none
	Out     uint64 // items sent on, by Broadcast one for each branch; a sink has none
	Failed  uint64 // calls of the stage's function that have failed
	Retried uint64 // calls that were made again after that
	Skipped uint64 // items that were given up, and became dead letters; or that came with an error, from FromSeq2
}

// A gauge is where a stage shows its figures. It belongs to the stage, except for shown.
type gauge struct {
	stats StageStats
	lost  uint64 // items inside of it that will not arrive
	shown slot[shown]
}

type shown struct {
	stats StageStats
	lost  uint64
}

func (g *gauge) publish() { g.shown.set(shown{g.stats, g.lost}) }

package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
)

const (
	worseBy    = 2 // a ratio that is this many times the recorded one is a regression: machines and hours differ by less
	extraTries = 3 // that a row gets, since a stall of the machine looks like a regression once
)

// A record is what the gate compares with: the ratios of ours to the baseline in one run, by section/row/figure.
type record struct {
	Machine machine            `json:"machine"`
	Quick   bool               `json:"quick"`
	Ratios  map[string]float64 `json:"ratios"`
}

func recordOf(r report) *record {
	rec := &record{Machine: r.Machine, Quick: r.Quick, Ratios: map[string]float64{}}
	for _, res := range r.Results {
		if !res.figure.Loose {
			rec.Ratios[res.key()] = math.Round(1000*res.Ratios[0].Median) / 1000
		}
	}
	return rec
}

func (r result) key() string { return r.Section + "/" + r.Row }

// gated lists what a record has to have: all that is measured with or without -quick.
func (cmd Command) gated(quick bool) []string {
	var keys []string
	for _, s := range cmd.Sections {
		for _, r := range s.Rows() {
			for _, f := range r.Told() {
				if (r.Quick || !quick) && !f.Loose {
					keys = append(keys, s.Name+"/"+r.Result(f))
				}
			}
		}
	}
	return keys
}

// CheckRecord reports what is wrong with the record in a file, for a run with or without -quick.
func (cmd Command) CheckRecord(path string, quick bool) error {
	_, err := cmd.readRecord(path, quick)
	return err
}

// readRecord refuses a record that was made in another mode, or of other rows than there are now.
func (cmd Command) readRecord(path string, quick bool) (*record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("-gate is %q: want a file that -record has written: %w", path, err)
	}
	rec := &record{}
	if err := json.Unmarshal(text, rec); err != nil {
		return nil, fmt.Errorf("-gate is %q: want a file that -record has written: %w", path, err)
	}
	return rec, rec.covers(path, quick, cmd.Usage, cmd.gated(quick))
}

// covers reports what is wrong with a record when the rows are those, of the command that usage calls.
func (rec *record) covers(path string, quick bool, usage string, rows []string) error {
	flags := map[bool]string{true: "-quick ", false: ""}
	how := fmt.Sprintf("record anew with: %s %s-record %s", usage, flags[quick], path)
	if rec.Quick != quick {
		return fmt.Errorf("%s was recorded with -quick=%v, and this is -quick=%v: %s", path, rec.Quick, quick, how)
	}
	var wrong []error
	for _, row := range rows {
		if _, ok := rec.Ratios[row]; !ok {
			wrong = append(wrong, fmt.Errorf("%s is not recorded in %s: %s", row, path, how))
		}
	}
	for _, row := range slices.Sorted(maps.Keys(rec.Ratios)) {
		if !slices.Contains(rows, row) {
			wrong = append(wrong, fmt.Errorf("%s is recorded in %s, but there is no such row any more: %s", row, path, how))
		}
	}
	return errors.Join(wrong...)
}

// check fails when a ratio is worse than it may be, and is so again each time that its row is measured again. The error
// has a line for each.
func (rec *record) check(results []result, again func(job) []result) error {
	var wrong []error
	for _, res := range results {
		if res.figure.Loose {
			continue
		}
		recorded := rec.Ratios[res.key()]
		limit := worseBy * recorded
		best := res.Ratios[0].Median
		for try := 0; best > limit && try < extraTries; try++ {
			for _, r := range again(res.job) {
				if r.key() == res.key() {
					best = min(best, r.Ratios[0].Median)
				}
			}
		}
		if best > limit {
			wrong = append(wrong, fmt.Errorf("%s: the ratio to %s is %.3f at best, recorded is %.3f, the limit %.3f", res.key(), res.Ratios[0].To, best, recorded, limit))
		}
	}
	return errors.Join(wrong...)
}

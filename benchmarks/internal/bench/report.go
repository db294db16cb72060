package bench

import (
	"encoding/json"
	"fmt"
	"os"
	goruntime "runtime"
	"strings"
	"time"
)

// A report is all that was measured, as -json writes it.
type report struct {
	Machine  machine   `json:"machine"`
	Began    time.Time `json:"began"`
	Rounds   int       `json:"rounds"`
	Quick    bool      `json:"quick"`
	Complete bool      `json:"complete"` // false after an interrupt
	Results  []result  `json:"results"`

	measured int // jobs
}

// A machine is what one should know of the place where figures come from.
type machine struct {
	CPU        string `json:"cpu,omitempty"` // the model, where the system tells
	GOMAXPROCS int    `json:"gomaxprocs"`
	Go         string `json:"go"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
}

func thisMachine() machine {
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo") // Linux alone has it, and figures do without
	return machine{cpuModel(string(cpuinfo)), goruntime.GOMAXPROCS(0), goruntime.Version(), goruntime.GOOS, goruntime.GOARCH}
}

func (m machine) String() string {
	s := fmt.Sprintf("GOMAXPROCS %d, %s, %s/%s", m.GOMAXPROCS, m.Go, m.OS, m.Arch)
	if m.CPU != "" {
		s = m.CPU + ", " + s
	}
	return s
}

// cpuModel finds the first processor's model in a Linux /proc/cpuinfo; "": it is not there.
func cpuModel(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (r report) writeFile(path string) error { return writeJSON(path, r) }

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o666)
}

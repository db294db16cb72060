package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	goruntime "runtime"
)

// childEnv tells a process that it is to crawl once, alone, and to say how much memory that took.
const childEnv = "TROUPE_CRAWL_CHILD"

// An errand is what a child is to do.
type errand struct {
	Contender string
	Start     string
	Fields    bool
}

// A memoir is what a child has to say.
type memoir struct {
	RSS       float64 // MiB at most, as the kernel counts it
	Heap      float64 // MiB at most, objects that were not swept yet
	Allocated float64 // KiB a page
	Allocs    float64 // a page
}

// runChild crawls as the environment says, and reports whether there was anything to do.
func runChild() bool {
	text := os.Getenv(childEnv)
	if text == "" {
		return false
	}
	var e errand
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		panic(err)
	}
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	stop := make(chan chan uint64)
	go watchHeap(stop)
	r := crawlers[e.Contender](e.Start, e.Fields)
	goruntime.ReadMemStats(&after)
	peak := make(chan uint64)
	stop <- peak
	n := float64(r.pages)
	m := memoir{
		RSS: maxRSS(), Heap: float64(<-peak) / (1 << 20),
		Allocated: float64(after.TotalAlloc-before.TotalAlloc) / 1024 / n,
		Allocs:    float64(after.Mallocs-before.Mallocs) / n,
	}
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		panic(err)
	}
	return true
}

// watchHeap looks at the heap every millisecond, and tells the most that it saw.
func watchHeap(stop <-chan chan uint64) {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	var most uint64
	for {
		metrics.Read(heap)
		most = max(most, heap[0].Value.Uint64())
		select {
		case <-ticker.C:
		case tell := <-stop:
			tell <- most
			return
		}
	}
}

// maxRSS is the most memory that this process had, in MiB. The kernel's accounts for getrusage would not do: they begin
// with what the parent had.
func maxRSS() float64 {
	status := string(must(os.ReadFile("/proc/self/status")))
	_, after, _ := strings.Cut(status, "VmHWM:")
	kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	return must(strconv.ParseFloat(kib, 64)) / 1024
}

// send has a child do the errand.
func send(e errand) memoir {
	cmd := exec.Command(must(os.Executable()))
	cmd.Env = append(os.Environ(), childEnv+"="+string(must(json.Marshal(e))), "GOMAXPROCS="+strconv.Itoa(goruntime.GOMAXPROCS(0)))
	cmd.Stderr = os.Stderr
	var m memoir
	if err := json.Unmarshal(must(cmd.Output()), &m); err != nil {
		panic(err)
	}
	return m
}

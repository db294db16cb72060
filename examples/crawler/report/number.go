package report

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// count spells n with a comma between thousands.
func count[N int | uint64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	if n > 0 {
		s = strconv.FormatUint(uint64(n), 10)
	}
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// short spells n in at most 5 characters, for a line that must not grow: 9,999 and then 10.0k, 100k, 1.00M.
func short(n int) string {
	if n < 10_000 {
		return count(n)
	}
	f := float64(n)
	for _, unit := range []string{"k", "M", "G"} {
		f /= 1000
		switch {
		case f < 9.995:
			return fmt.Sprintf("%.2f%s", f, unit)
		case f < 99.95:
			return fmt.Sprintf("%.1f%s", f, unit)
		case f < 999.5:
			return fmt.Sprintf("%.0f%s", f, unit)
		}
	}
	return count(n)
}

// rate spells a number a second: with a decimal while that says something.
func rate(f float64) string {
	if f < 99.95 {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return count(int(math.Round(f)))
}

func size(bytes float64) string {
	if bytes < 1023.5 {
		return fmt.Sprintf("%.0f B", bytes)
	}
	unit := ""
	for _, unit = range []string{"KiB", "MiB", "GiB", "TiB"} {
		bytes /= 1024
		if bytes < 1023.95 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", bytes, unit)
}

// duration spells d with three digits or so.
func duration(d time.Duration) string {
	switch seconds := d.Seconds(); {
	case seconds < 0.01:
		return fmt.Sprintf("%.1f ms", seconds*1000)
	case seconds < 0.9995:
		return fmt.Sprintf("%.0f ms", seconds*1000)
	case seconds < 9.995:
		return fmt.Sprintf("%.2f s", seconds)
	case seconds < 59.95:
		return fmt.Sprintf("%.1f s", seconds)
	}
	s := int(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %02d min", s/3600, s/60%60)
}

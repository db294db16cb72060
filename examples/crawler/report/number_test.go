package report

import (
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNumbersReadWell(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(0), "0"},
		{count(999), "999"},
		{count(1000), "1,000"},
		{count(1234567), "1,234,567"},
		{count(-1234), "-1,234"},
		{count(-123), "-123"},
		{count(^uint64(0)), "18,446,744,073,709,551,615"},
		{short(9999), "9,999"},
		{short(10_000), "10.0k"},
		{short(99_949), "99.9k"},
		{short(99_951), "100k"},
		{short(999_499), "999k"},
		{short(999_501), "1.00M"},
		{short(12_345_678), "12.3M"},
		{rate(0), "0.0"},
		{rate(99.94), "99.9"},
		{rate(99.96), "100"},
		{rate(1234.5), "1,235"},
		{size(0), "0 B"},
		{size(1023), "1023 B"},
		{size(1024), "1.0 KiB"},
		{size(1 << 20), "1.0 MiB"},
		{size(1<<30 - 1), "1.0 GiB"},
		{size(1 << 60), "1048576.0 TiB"},
		{duration(0), "0.0 ms"},
		{duration(9 * time.Millisecond), "9.0 ms"},
		{duration(999 * time.Millisecond), "999 ms"},
		{duration(999900 * time.Microsecond), "1.00 s"},
		{duration(9996 * time.Millisecond), "10.0 s"},
		{duration(59940 * time.Millisecond), "59.9 s"},
		{duration(59960 * time.Millisecond), "1 min 00 s"},
		{duration(time.Hour - time.Millisecond), "1 h 00 min"},
		{duration(26*time.Hour + 3*time.Minute), "26 h 03 min"},
	} {
		if c.got != c.want {
			t.Errorf("got %q; want %q", c.got, c.want)
		}
	}
}

func TestShortNeverTakesMoreThanFiveCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 999_000_000_000).Draw(t, "n")
		if s := short(n); utf8.RuneCountInString(s) > 5 {
			t.Fatalf("short(%d) = %q", n, s)
		}
	})
}

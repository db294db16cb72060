package bench

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// writeCharts draws a chart for each section into the folder dir, and where there are several, for each GOMAXPROCS.
func writeCharts(dir string, results []result) error {
	var wrong []error
	several := len(results) > 0 && results[0].GOMAXPROCS != results[len(results)-1].GOMAXPROCS
	for len(results) > 0 {
		n := 1
		for n < len(results) && results[n].job.sameSection(results[0].job) {
			n++
		}
		name := results[0].Section
		if several {
			name = fmt.Sprintf("%s-%d", name, results[0].GOMAXPROCS)
		}
		wrong = append(wrong, writeSVG(filepath.Join(dir, name+".svg"), bars(results[:n])))
		results = results[n:]
	}
	return errors.Join(wrong...)
}

// bars is the chart of a section. A row's contenders may take nanoseconds or megabytes; so that all rows fit into one
// chart, each bar goes from what the baseline takes, to the left for less and to the right for more. The axis is
// logarithmic: half and twice are as long.
type bars []result

// In points; the top is the title, the axis and the margins.
const (
	barWidth vg.Length = 9
	rowGap   vg.Length = 8
	chartTop vg.Length = 100
)

var colours = []color.Color{ // ours, then the others
	color.RGBA{R: 0x1f, G: 0x6f, B: 0xb4, A: 0xff},
	color.RGBA{R: 0xe6, G: 0x8a, B: 0x2e, A: 0xff},
	color.RGBA{R: 0x8a, G: 0x8a, B: 0x8a, A: 0xff},
	color.RGBA{R: 0x3a, G: 0x9a, B: 0x5a, A: 0xff},
	color.RGBA{R: 0xb0, G: 0x4a, B: 0x8a, A: 0xff},
	color.RGBA{R: 0xc9, G: 0xb4, B: 0x3c, A: 0xff},
}

// A bar is a contender that is not the baseline.
type bar struct {
	name   string
	colour color.Color
	ratio  float64 // to the baseline
	text   string
}

// of returns the bars of a result, ours first. A baseline of nothing, as a clock may read, has none.
func (bars) of(r result) []bar {
	var list []bar
	base, ours := r.Contenders[0], len(r.Contenders)-1
	for i := ours; i > 0; i-- {
		c := r.Contenders[i]
		ratio := quotient(c.Value, base.Value)
		if i == ours {
			ratio = r.Ratios[0].Median
		}
		if base.Value > 0 && ratio > 0 {
			list = append(list, bar{c.Name, colours[(ours-i)%len(colours)], ratio, fmt.Sprintf("%s %s", digits(c.Value), r.Unit)})
		}
	}
	return list
}

// place is where on the axis a row is: the first at the top.
func (b bars) place(i int) float64 { return float64(len(b) - 1 - i) }

func (b bars) most() int {
	most := 1
	for _, r := range b {
		most = max(most, len(r.Contenders)-1)
	}
	return most
}

func (b bars) height() vg.Length {
	return chartTop + vg.Length(len(b))*(vg.Length(b.most())*barWidth+rowGap)
}

// DataRange is the ratios' range with room for the figures beside the bars.
func (b bars) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax = 0.5, 2
	for _, r := range b {
		for _, bar := range b.of(r) {
			xmin, xmax = min(xmin, bar.ratio), max(xmax, bar.ratio)
		}
	}
	room := math.Pow(xmax/xmin, 0.2)
	return xmin / room, xmax * room, -0.6, float64(len(b)) - 0.4
}

// Plot draws the bars of each row one below the other.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := p.X.Tick.Label
	for i, r := range b {
		list := b.of(r)
		top := y(b.place(i)) + barWidth*vg.Length(len(list))/2
		for _, bar := range list {
			from, to := x(1), x(bar.ratio)
			c.FillPolygon(bar.colour, []vg.Point{{X: from, Y: top}, {X: to, Y: top}, {X: to, Y: top - barWidth}, {X: from, Y: top - barWidth}})
			style.YAlign, style.XAlign = text.YCenter, text.XLeft
			at := to + vg.Points(3)
			if bar.ratio < 1 {
				style.XAlign, at = text.XRight, to-vg.Points(3)
			}
			c.FillText(style, vg.Point{X: at, Y: top - barWidth/2}, bar.text)
			top -= barWidth
		}
	}
	c.StrokeLine2(draw.LineStyle{Color: color.Black, Width: vg.Points(1)}, x(1), c.Min.Y, x(1), c.Max.Y)
}

// draw leaves a margin: nothing else keeps the text off the edge.
func (b bars) draw(c draw.Canvas) {
	const margin = 8
	b.plot().Draw(draw.Crop(c, margin, -margin, margin, -margin))
}

func (b bars) plot() *plot.Plot {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s, as a multiple of the baseline (%s, GOMAXPROCS %d)", b[0].Section, b[0].Contenders[0].Name, b[0].GOMAXPROCS)
	p.Title.Padding = vg.Points(6)
	p.X.Label.Text = "left of 1: less than the baseline takes; right of it: more"
	p.X.Label.TextStyle.Font.Size = vg.Points(9)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(ratioTicks)
	var names []plot.Tick
	for i, r := range b {
		base := r.Contenders[0]
		names = append(names, plot.Tick{Value: b.place(i), Label: fmt.Sprintf("%s (%s: %s %s)", r.Row, base.Name, digits(base.Value), r.Unit)})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(names)
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	for _, size := range []*font.Font{&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font} {
		size.Size = vg.Points(8)
	}
	p.Add(b)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = b.DataRange()
	known := map[string]bool{}
	for _, r := range b {
		for _, bar := range b.of(r) {
			if !known[bar.name] {
				known[bar.name] = true
				p.Legend.Add(bar.name, swatch{bar.colour})
			}
		}
	}
	p.Legend.Top, p.Legend.YOffs = true, vg.Points(18)
	p.Legend.TextStyle.Font.Size = vg.Points(9)
	return p
}

// ratioTicks are 1, 2 and 5 times each power of ten.
func ratioTicks(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(least)); power <= math.Log10(most); power++ {
		for _, digit := range []float64{1, 2, 5} {
			if v := digit * math.Pow(10, power); v >= least && v <= most {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.3g", v)})
			}
		}
	}
	return ticks
}

// A swatch is a colour in the legend.
type swatch struct{ colour color.Color }

func (s swatch) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(s.colour, []vg.Point{c.Min, {X: c.Min.X, Y: c.Max.Y}, c.Max, {X: c.Max.X, Y: c.Min.Y}})
}

func writeSVG(path string, b bars) error {
	canvas := vgsvg.New(24*vg.Centimeter, b.height())
	b.draw(draw.New(canvas))
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = canvas.WriteTo(f)
	return errors.Join(err, f.Close())
}

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // a format that is understood
	"image/jpeg"
	_ "image/png" // a format that is understood

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // a format that is understood
)

// errImage is wrapped by errors that are the fault of the image.
var errImage = errors.New("not an image that can be read")

// A job is one image on its way to the workers.
type job struct {
	asked     context.Context // ends when nobody wants it any more
	body      []byte
	width     int // that it is to have at most
	maxPixels int
}

// A picture is what becomes of an image.
type picture struct {
	SHA256 string `json:"sha256"` // of the bytes that came
	DHash  string `json:"dhash"`  // of what is to be seen: alike for images that look alike
	Format string `json:"format"`
	Width  int    `json:"width"` // that it came with
	Height int    `json:"height"`
	Small  size   `json:"small"`
	// Seen says that the same bytes have come before.
	Seen bool `json:"seen"`

	small []byte // as JPEG
}

type size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	Bytes  int `json:"bytes"`
}

// work is what a worker does with a job. A decoder that panics is the worker's failure.
func work(ctx context.Context, j job) (picture, error) {
	if j.asked.Err() != nil {
		return picture{}, errGone
	}
	header, format, err := image.DecodeConfig(bytes.NewReader(j.body))
	switch {
	case err != nil:
		return picture{}, fmt.Errorf("%w: %w", errImage, err)
	case header.Width <= 0 || header.Height <= 0 || header.Width > j.maxPixels/header.Height:
		// A few bytes can promise an image that no memory holds.
		return picture{}, fmt.Errorf("%w: it is %d x %d: want at most %d pixels", errImage, header.Width, header.Height, j.maxPixels)
	case ctx.Err() != nil:
		return picture{}, ctx.Err()
	}
	full, _, err := image.Decode(bytes.NewReader(j.body))
	if err != nil {
		return picture{}, fmt.Errorf("%w: %w", errImage, err)
	}
	small := scale(full, j.width)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 85}); err != nil {
		return picture{}, fmt.Errorf("%w: %w", errImage, err)
	}
	sum := sha256.Sum256(j.body)
	return picture{
		SHA256: hex.EncodeToString(sum[:]),
		DHash:  fmt.Sprintf("%016x", dHash(small)),
		Format: format,
		Width:  full.Bounds().Dx(),
		Height: full.Bounds().Dy(),
		Small:  size{small.Bounds().Dx(), small.Bounds().Dy(), out.Len()},
		small:  out.Bytes(),
	}, nil
}

// scale makes an image no wider than width, and never wider than it was.
func scale(full image.Image, width int) *image.RGBA {
	from := full.Bounds()
	width = min(width, from.Dx())
	height := max(1, from.Dy()*width/from.Dx())
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, from, draw.Src, nil)
	return small
}

// dHash is the difference hash: of 9 x 8 grey pixels, whether each is darker than the next in its row. Images that look
// alike differ in few bits (Neal Krawetz, "Kind of Like That", 2013).
func dHash(img image.Image) (hash uint64) {
	grey := image.NewGray(image.Rect(0, 0, 9, 8))
	draw.ApproxBiLinear.Scale(grey, grey.Bounds(), img, img.Bounds(), draw.Src, nil)
	for y := range 8 {
		for x := range 8 {
			hash <<= 1
			if luminance(grey, x, y) < luminance(grey, x+1, y) {
				hash |= 1
			}
		}
	}
	return hash
}

func luminance(g *image.Gray, x, y int) uint8 { return g.At(x, y).(color.Gray).Y }

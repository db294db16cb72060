package workerpool

import (
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// How the number of workers follows the load. Nobody looks at a pool where nothing happens: what may be the beginning of
// a shortage is noticed by who submits, and the time of idle workers is taken only while there are more than the least.

// wantMore is called by who has submitted and found nobody idle.
func (p *Pool[Req, Res]) wantMore() {
	select {
	case <-p.growth:
	default:
		return // the hub knows, or may not have more
	}
	if p.shared.waits() == 0 || p.hub.TryTell(wanted[Req, Res]{}) != nil {
		p.growth <- struct{}{}
	}
}

// wanted says that jobs wait. The hub looks whether that still is so after a while.
type wanted[Req, Res any] struct{}

func (wanted[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	h.growing = true
	ctx.After(h.pool.cfg.Scale.After, short[Req, Res]{})
}

// short is when jobs have waited for a while, or have not.
type short[Req, Res any] struct{}

func (short[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	p := h.pool
	if idle, _ := p.shared.sitting(); idle > 0 || p.shared.waits() == 0 || h.target >= p.cfg.Scale.Max {
		h.growing = false
		h.scaled(ctx)
		return
	}
	if err := h.resize(ctx, h.target+1); err != nil {
		ctx.Log().WithField("cause", err).Warn("no more workers could be started")
	}
	h.watchIdle(ctx)
	ctx.After(p.cfg.Scale.After, short[Req, Res]{})
}

// scaled follows a change of the target, and a restart: who submits is to tell of a shortage, if there may be more workers,
// and the time of idle ones is taken, if there may be less.
func (h *hub[Req, Res]) scaled(ctx *runtime.Context[message[Req, Res]]) {
	p := h.pool
	if !p.cfg.scales() {
		return
	}
	h.watchIdle(ctx)
	if h.target >= p.cfg.Scale.Max || h.growing {
		return
	}
	select {
	case p.growth <- struct{}{}:
	default:
	}
	if p.shared.waits() > 0 { // who has submitted meanwhile has not told
		p.wantMore()
	}
}

// watchIdle looks at who is idle when that may have been for long enough.
func (h *hub[Req, Res]) watchIdle(ctx *runtime.Context[message[Req, Res]]) {
	p := h.pool
	if h.target <= p.cfg.Workers || h.watching {
		return
	}
	h.watching = true
	wait := p.cfg.Scale.Idle
	if n, since := p.shared.sitting(); n > 0 {
		wait = max(time.Until(since.Add(wait)), time.Millisecond)
	}
	ctx.After(wait, idle[Req, Res]{})
}

// idle is when a worker may have been idle for long enough.
type idle[Req, Res any] struct{}

func (idle[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	h.watching = false
	c := &h.pool.cfg
	if retired := h.pool.shared.retire(h.target-c.Workers, time.Now().Add(-c.Scale.Idle)); retired > 0 {
		h.target -= retired
		h.scaled(ctx)
	}
	h.watchIdle(ctx)
}

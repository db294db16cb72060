package main

import (
	"context"
	"errors"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// A service is what is behind the handler: the actors, and the catalogue's file.
type service struct {
	system    *runtime.System
	admission *semaphore.Pool
	workers   *workerpool.Pool[job, picture]
	catalogue *batch.Batcher[picture, picture]
	file      *catalogue
}

// startService starts what a request goes through, the last station first: a shutdown stops the youngest first, and what
// that still sends arrives.
func startService(o options, logger logrus.FieldLogger) (s *service, err error) {
	file, err := openCatalogue(o.catalogue)
	if err != nil {
		return nil, err
	}
	s = &service{file: file}
	defer func() {
		if err != nil {
			_ = s.stop(context.Background())
			s = nil
		}
	}()
	if s.system, err = runtime.New(runtime.Config{Name: "imageserver", Logger: logger}); err != nil {
		return s, err
	}
	s.catalogue, err = batch.New(s.system, batch.Config[picture, picture]{
		Name: "catalogue",
		Size: 64,
		Call: file.add,
	})
	if err != nil {
		return s, err
	}
	s.workers, err = workerpool.New(s.system, workerpool.Config[job, picture]{Name: "workers", Workers: o.workers, Work: work})
	if err != nil {
		return s, err
	}
	s.admission, err = semaphore.New(s.system, semaphore.Config{Name: "admission", Permits: o.admit})
	return s, err
}

// do has an image worked on and written down. The caller has been admitted: he keeps his place until nobody has his image
// any more, also when the client goes, or the memory that images take would have no bound.
func (s *service) do(ctx context.Context, j job) (picture, error) {
	p, err := s.workers.Do(context.WithoutCancel(ctx), j)
	if err == nil {
		p, err = s.catalogue.Do(ctx, p)
	}
	if err != nil && ctx.Err() != nil {
		err = errGone
	}
	return p, err
}

// stop drains all of it until ctx ends.
func (s *service) stop(ctx context.Context) error {
	var err error
	if s.system != nil {
		err = s.system.Shutdown(ctx)
	}
	return errors.Join(err, s.file.close())
}

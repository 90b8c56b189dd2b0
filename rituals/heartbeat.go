package rituals

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// Heartbeat calls beat at once and then at every full minute until ctx ends, and
// returns nil when the beat that then runs is over. A beat that is due while the one
// before still runs is left out. A beat that fails or panics is logged, and the next
// one comes all the same.
func Heartbeat(ctx context.Context, log *slog.Logger, beat func(context.Context) error) error {
	quiet := diary{log}
	// Recover must sit inside: a panic that passes SkipIfStillRunning of cron 3.0.1
	// keeps its only slot, and no beat would come ever after.
	job := cron.NewChain(cron.SkipIfStillRunning(quiet), cron.Recover(quiet)).Then(cron.FuncJob(func() {
		if err := beat(ctx); err != nil && ctx.Err() == nil {
			log.Error("the heartbeat failed", "err", err)
		}
	}))
	heart := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(quiet))
	heart.Schedule(everyMinute{}, job)

	var first sync.WaitGroup
	first.Go(job.Run)
	heart.Start()
	<-ctx.Done()
	<-heart.Stop().Done()
	first.Wait()
	return nil
}

// everyMinute is the schedule of full minutes. Unlike cron's own it keeps the
// monotonic reading of the time it is given: with "* * * * *" cron compares wall
// clocks, and stands still for an hour when the machine's clock is put back by one.
type everyMinute struct{}

func (everyMinute) Next(t time.Time) time.Time {
	return t.Add(time.Minute - time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
}

// diary is how cron writes to the log of the house.
type diary struct{ log *slog.Logger }

func (d diary) Info(message string, pairs ...any) {
	if message == "skip" {
		d.log.Warn("a heartbeat was left out: the one before still runs")
	}
}

// Error hears only of panics. What was thrown may hold a person's words, so only
// what the Go runtime itself throws is written down.
func (d diary) Error(err error, _ string, pairs ...any) {
	thrown := "not told"
	if r, ok := errors.AsType[runtime.Error](err); ok {
		thrown = r.Error()
	}
	d.log.Error("the heartbeat panicked", append([]any{"thrown", thrown}, pairs...)...)
}

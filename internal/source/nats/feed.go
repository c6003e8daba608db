package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
)

// ahead is how many messages are asked for before the first of them is kept.
const ahead = 200

// Feed implements alert.Feeder.
func (f *Feeder) Feed(ctx context.Context, found func(alert.Fed) error) error {
	conn, consumer, err := f.connect(ctx)
	if err != nil {
		return unlessOver(ctx, err)
	}
	defer conn.Close()
	messages, err := consumer.Messages(jetstream.PullMaxMessages(ahead), jetstream.PullHeartbeat(5*time.Second))
	if err != nil {
		return unlessOver(ctx, fmt.Errorf("nats: asking for messages: %w", err))
	}
	stop := context.AfterFunc(ctx, messages.Stop)
	defer func() { stop(); messages.Stop() }()
	held := &hands{messages: map[jetstream.Msg]struct{}{}}
	ctx, cancel := context.WithCancel(ctx)
	var heart sync.WaitGroup
	heart.Go(func() { held.beat(ctx, f.set.AckWait/3) })
	defer heart.Wait()
	defer cancel()
	for {
		m, err := messages.Next()
		if err != nil {
			return unlessOver(ctx, fmt.Errorf("nats: waiting for messages: %w", err))
		}
		held.take(m)
		if err := found(f.fed(m, held)); err != nil {
			held.release(m, err)
			return unlessOver(ctx, err)
		}
	}
}

// unlessOver is no error when the feed was ended.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// hands are the messages that were handed over and of which nothing is known yet.
type hands struct {
	mu       sync.Mutex
	messages map[jetstream.Msg]struct{}
}

func (h *hands) take(m jetstream.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages[m] = struct{}{}
}

// refused is after how long a message comes again that could not be kept.
const refused = 5 * time.Second

// release tells the server what became of a message. When that is lost on the way the message comes again, which is known then.
func (h *hands) release(m jetstream.Msg, err error) {
	h.mu.Lock()
	_, ours := h.messages[m]
	delete(h.messages, m)
	h.mu.Unlock()
	switch {
	case !ours:
	case err == nil:
		_ = m.Ack()
	default:
		_ = m.NakWithDelay(refused)
	}
}

// beat tells the server that work on the messages in hand goes on.
func (h *hands) beat(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		h.mu.Lock()
		for m := range h.messages {
			_ = m.InProgress() // a lost one costs a second delivery
		}
		h.mu.Unlock()
	}
}

// Examine implements web.Examiner.
func (f *Feeder) Examine(ctx context.Context) []web.Finding {
	conn, consumer, err := f.connect(ctx)
	if err != nil {
		return []web.Finding{{Name: "reach", Detail: err.Error(), Hint: "nats stream info " + f.set.Stream}}
	}
	defer conn.Close()
	info, err := consumer.Info(ctx)
	if err != nil {
		return []web.Finding{{Name: "reach", Detail: err.Error(), Hint: "nats consumer info " + f.set.Stream + " " + f.set.Consumer}}
	}
	list := []web.Finding{{Name: "reach", OK: true, Detail: fmt.Sprintf("stream %s, consumer %s: %d wait, %d are under way", f.set.Stream, f.set.Consumer, info.NumPending, info.NumAckPending)}}
	if info.Config.AckPolicy != jetstream.AckExplicitPolicy {
		list = append(list, web.Finding{Name: "consumer", Detail: errPolicy.Error(), Hint: "nats consumer rm " + f.set.Stream + " " + f.set.Consumer})
	}
	return list
}

var errPolicy = errors.New("its ack policy is not explicit: messages may be lost that were not kept")

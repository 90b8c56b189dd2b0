package outgoing

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// Watch sees whether a request ever had a connection to go out on.
type Watch struct{ asked, got atomic.Bool }

// Follow is a context whose requests are watched. One request, or several of which
// none may have left.
func Follow(ctx context.Context) (context.Context, *Watch) {
	w := &Watch{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) },
	}), w
}

// Unsent reports whether it is certain that nothing left: a connection was wanted, and
// neither dialling nor TLS brought one. Whatever happened after there was one is not
// certain, and of a transport that does not tell, nothing is.
func (w *Watch) Unsent() bool { return w.asked.Load() && !w.got.Load() }

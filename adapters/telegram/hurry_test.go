package telegram

import "time"

// Hurry makes an adapter try events again at once.
func Hurry(a *Adapter) { a.retry = time.Millisecond }

// Hasten makes an adapter wait for no answer longer than most.
func Hasten(a *Adapter, most time.Duration) { a.wait, a.wire.most = time.Second, most }

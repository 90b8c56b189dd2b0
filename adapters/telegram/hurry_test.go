package telegram

import "time"

// Hurry makes an adapter try events again at once.
func Hurry(a *Adapter) { a.retry = time.Millisecond }

// Rest lets an adapter that never ran let its connections go.
func Rest(a *Adapter) { a.wire.rest() }

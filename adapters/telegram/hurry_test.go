package telegram

import "time"

// Hurry makes an adapter try events again at once.
func Hurry(a *Adapter) { a.retry = time.Millisecond }

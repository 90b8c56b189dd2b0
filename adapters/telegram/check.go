package telegram

import (
	"context"
	"errors"
)

// Finding is one line of a check-up: what was looked at, and what to do when it is not well.
type Finding struct {
	OK   bool
	Line string
	Fix  string // "" when OK
}

// Check looks at the token and at what was set in @BotFather. It changes nothing.
func (a *Adapter) Check(ctx context.Context) []Finding {
	me, err := a.self(ctx)
	if rejected(err) {
		return []Finding{{Line: "Telegram does not know the token", Fix: "copy it again from @BotFather: /mybots, your bot, API Token"}}
	}
	if err != nil {
		return []Finding{{Line: "Telegram cannot be reached (" + err.Error() + ")", Fix: "check the network, a proxy, and EVENFALL_TELEGRAM_API"}}
	}
	return []Finding{
		{OK: true, Line: "the token is that of @" + me.Username},
		either(!me.ReadsAll, "privacy mode is on: the bot cannot read along in groups", "privacy mode is off: the bot can read everything in groups",
			"@BotFather: /setprivacy, @"+me.Username+", Enable; then take the bot out of its groups and add it again"),
		either(me.Groups, "the bot can be added to groups", "the bot cannot be added to groups",
			"@BotFather: /setjoingroups, @"+me.Username+", Enable"),
		a.checkHook(ctx),
	}
}

func (a *Adapter) checkHook(ctx context.Context) Finding {
	var hook struct {
		URL string `json:"url"`
	}
	if err := a.wire.call(ctx, "getWebhookInfo", nil, &hook); err != nil {
		return Finding{Line: "it is not known whether a webhook is set (" + err.Error() + ")", Fix: "try again"}
	}
	return either(hook.URL == "", "no webhook is set", "a webhook is set: another program may be using this bot",
		"stop that program; evenfall removes the webhook when it starts")
}

func either(ok bool, well, ill, fix string) Finding {
	if ok {
		return Finding{OK: true, Line: well}
	}
	return Finding{Line: ill, Fix: fix}
}

// Final reports whether an error of Run will be the same at the next start: a
// person has to do something first.
func Final(err error) bool { return errors.Is(err, errToken) || errors.Is(err, errTwice) }

package discord

import (
	"errors"
	"fmt"

	"github.com/gorilla/websocket"
)

// ErrToken ends Run when Discord does not know the token.
var ErrToken = errors.New("discord: the token was not accepted; copy a fresh one from the Bot page of the developer portal into EVENFALL_DISCORD_TOKEN")

// finals are the close codes after which connecting again only burns identifies.
var finals = map[int]string{
	4010: "the shard number is not valid; start one process only",
	4011: "the bot is in too many servers for one connection; it has to leave some",
	4012: "this version of the gateway is switched off; update Evenfall",
	4013: "the intents are not valid; update Evenfall",
	4014: "the intents are not allowed; in the developer portal check that the bot is not restricted, or update Evenfall",
}

// finalError is why there is no sense in connecting again, or nil.
func finalError(err error) error {
	code := closeCode(err)
	if code == 4004 {
		return ErrToken
	}
	if why, ok := finals[code]; ok {
		return fmt.Errorf("discord: closed for good (%d): %s", code, why)
	}
	return nil
}

// closeCode is the gateway's close code in err, or 0.
func closeCode(err error) int {
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return closed.Code
	}
	return 0
}

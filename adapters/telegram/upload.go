package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"evenfall/adapters/outgoing"
	"evenfall/bot"
)

// upload is deliver for a letter with a file. The form is made as a whole, so that its length is
// known and the request can be begun again on another connection.
func (w *wire) upload(ctx context.Context, method string, params tgbotapi.Params, f *bot.File, out any) error {
	kind, form := parts(params, f)
	ctx, watch := outgoing.Follow(ctx)
	ctx, cancel := bounded(ctx, w.most)
	defer cancel()
	body, err := w.post(ctx, method, []string{kind}, form)
	var raw json.RawMessage
	if err == nil {
		raw, err = result(body)
	}
	if err == nil && json.Unmarshal(raw, out) != nil {
		return fmt.Errorf("telegram: %s: the result could not be read", method)
	}
	if err = w.clean(method, err); err != nil && watch.Unsent() {
		return fmt.Errorf("%w (%w)", bot.ErrUnsent, err)
	}
	return err
}

// parts is a form with a file, and its content type.
func parts(params tgbotapi.Params, f *bot.File) (kind string, form []byte) {
	var out bytes.Buffer // writing to it never fails
	w := multipart.NewWriter(&out)
	for name, value := range params {
		_ = w.WriteField(name, value)
	}
	part, _ := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("document", f.Name)},
		"Content-Type":        {f.Type},
	})
	_, _ = part.Write(f.Data)
	_ = w.Close()
	return w.FormDataContentType(), out.Bytes()
}

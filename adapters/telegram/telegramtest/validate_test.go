package telegramtest

import (
	"net/url"
	"strings"
	"testing"
)

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// with is a request that is well but for the pairs.
func with(method string, pairs ...string) url.Values {
	f := map[string]url.Values{
		"sendMessage":     form("chat_id", "-5", "text", "hi", "link_preview_options", `{"is_disabled":true}`),
		"editMessageText": form("chat_id", "-5", "message_id", "7", "text", "hi", "link_preview_options", `{"is_disabled":true}`),
		"getUpdates":      form("offset", "5", "limit", "100", "timeout", "50", "allowed_updates", `["message","callback_query"]`),
		"setMyCommands":   form("commands", `[{"command":"menu","description":"All of it"}]`, "language_code", "es"),
	}[method]
	if f == nil {
		f = url.Values{}
	}
	for i := 0; i < len(pairs); i += 2 {
		if f.Set(pairs[i], pairs[i+1]); pairs[i+1] == "-" {
			f.Del(pairs[i])
		}
	}
	return f
}

func keys(buttons string) string { return `{"inline_keyboard":[[` + buttons + `]]}` }

func TestGoodRequests(t *testing.T) {
	for _, r := range []struct {
		method string
		form   url.Values
	}{
		{"getMe", nil},
		{"getWebhookInfo", nil},
		{"getUpdates", with("getUpdates")},
		{"sendMessage", with("sendMessage")},
		{"sendMessage", with("sendMessage", "text", "123")},
		{"sendMessage", with("sendMessage", "text", strings.Repeat("😊", 2048))},
		{"sendMessage", with("sendMessage", "text", "😊b", "entities", `[{"type":"bold","offset":0,"length":2}]`)},
		{"sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a","callback_data":"`+strings.Repeat("x", 64)+`"},{"text":"b","url":"https://t.me/b?start=a_b"}`))},
		{"editMessageText", with("editMessageText", "reply_markup", `{"inline_keyboard":[]}`)},
		{"deleteMessage", form("chat_id", "5", "message_id", "7")},
		{"answerCallbackQuery", form("callback_query_id", "12")},
		{"setMyCommands", with("setMyCommands")},
		{"setMyCommands", with("setMyCommands", "scope", `{"type":"default"}`, "language_code", "")},
	} {
		if wrong := Check(r.method, r.form); len(wrong) > 0 {
			t.Errorf("%s %v: %v", r.method, r.form, wrong)
		}
	}
}

func TestBadRequests(t *testing.T) {
	row := `{"text":"a","callback_data":"a"}`
	for _, r := range []struct {
		why, method string
		form        url.Values
	}{
		{"unknown method", "sendPhoto", form("chat_id", "5")},
		{"unknown parameter", "sendMessage", with("sendMessage", "disable_web_page_preview", "true")},
		{"no chat", "sendMessage", with("sendMessage", "chat_id", "-")},
		{"a chat by name", "sendMessage", with("sendMessage", "chat_id", "@room")},
		{"a fractional chat", "sendMessage", with("sendMessage", "chat_id", "1.5")},
		{"no text", "sendMessage", with("sendMessage", "text", "-")},
		{"empty text", "sendMessage", with("sendMessage", "text", "")},
		{"blank text", "sendMessage", with("sendMessage", "text", " \n ")},
		{"text too long in UTF-16", "sendMessage", with("sendMessage", "text", strings.Repeat("😊", 2049))},
		{"text that is not UTF-8", "sendMessage", with("sendMessage", "text", "a\xff")},
		{"two texts", "sendMessage", url.Values{"chat_id": {"5"}, "text": {"a", "b"}}},
		{"broken HTML", "sendMessage", with("sendMessage", "text", "<b>a", "parse_mode", "HTML")},
		{"broken MarkdownV2", "sendMessage", with("sendMessage", "text", "a.b", "parse_mode", "MarkdownV2")},
		{"unknown parse_mode", "sendMessage", with("sendMessage", "parse_mode", "text")},
		{"a link preview", "sendMessage", with("sendMessage", "link_preview_options", "-")},
		{"entities that are not JSON", "sendMessage", with("sendMessage", "entities", "bold")},
		{"an entity without length", "sendMessage", with("sendMessage", "entities", `[{"type":"bold","offset":0}]`)},
		{"an entity out of the text", "sendMessage", with("sendMessage", "entities", `[{"type":"bold","offset":1,"length":2}]`)},
		{"an empty entity", "sendMessage", with("sendMessage", "entities", `[{"type":"bold","offset":1,"length":0}]`)},
		{"an entity in a surrogate pair", "sendMessage", with("sendMessage", "text", "😊", "entities", `[{"type":"bold","offset":0,"length":1}]`)},
		{"an unknown entity", "sendMessage", with("sendMessage", "entities", `[{"type":"strong","offset":0,"length":1}]`)},
		{"a keyboard without rows", "sendMessage", with("sendMessage", "reply_markup", `{}`)},
		{"rows that are none", "sendMessage", with("sendMessage", "reply_markup", `{"inline_keyboard":[`+row+`]}`)},
		{"an empty row", "sendMessage", with("sendMessage", "reply_markup", `{"inline_keyboard":[[]]}`)},
		{"nine buttons in a row", "sendMessage", with("sendMessage", "reply_markup", keys(strings.Repeat(row+",", 8)+row))},
		{"a button without an action", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a"}`))},
		{"a button with two actions", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a","callback_data":"a","url":"https://a.org"}`))},
		{"a button without a label", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":" ","callback_data":"a"}`))},
		{"callback_data of 65 bytes", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a","callback_data":"`+strings.Repeat("é", 32)+`x"}`))},
		{"empty callback_data", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a","callback_data":""}`))},
		{"an address that is none", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a","url":"nook:x"}`))},
		{"a deep link that is too long", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a","url":"https://t.me/b?start=`+strings.Repeat("x", 65)+`"}`))},
		{"a deep link with a slash", "sendMessage", with("sendMessage", "reply_markup", keys(`{"text":"a","url":"https://t.me/b?start=a/b"}`))},
		{"another keyboard", "sendMessage", with("sendMessage", "reply_markup", `{"force_reply":true}`)},
		{"an edit of nothing", "editMessageText", with("editMessageText", "message_id", "-")},
		{"an edit of no chat", "editMessageText", with("editMessageText", "chat_id", "-")},
		{"an edit to nothing", "editMessageText", with("editMessageText", "text", "-")},
		{"a deletion of nothing", "deleteMessage", form("chat_id", "5")},
		{"an answer to nothing", "answerCallbackQuery", form("text", "a")},
		{"a toast of 201", "answerCallbackQuery", form("callback_query_id", "1", "text", strings.Repeat("x", 201))},
		{"a boolean that is none", "answerCallbackQuery", form("callback_query_id", "1", "show_alert", "yes")},
		{"kinds unnamed", "getUpdates", with("getUpdates", "allowed_updates", "-")},
		{"an unknown kind", "getUpdates", with("getUpdates", "allowed_updates", `["messages"]`)},
		{"101 updates", "getUpdates", with("getUpdates", "limit", "101")},
		{"a wait of 51 s", "getUpdates", with("getUpdates", "timeout", "51")},
		{"no commands", "setMyCommands", with("setMyCommands", "commands", "-")},
		{"101 commands", "setMyCommands", with("setMyCommands", "commands", "["+strings.Repeat(`{"command":"a","description":"a"},`, 100)+`{"command":"a","description":"a"}]`)},
		{"a command with a slash", "setMyCommands", with("setMyCommands", "commands", `[{"command":"/menu","description":"a"}]`)},
		{"a command with capitals", "setMyCommands", with("setMyCommands", "commands", `[{"command":"Menu","description":"a"}]`)},
		{"a command of 33", "setMyCommands", with("setMyCommands", "commands", `[{"command":"`+strings.Repeat("m", 33)+`","description":"a"}]`)},
		{"a command without description", "setMyCommands", with("setMyCommands", "commands", `[{"command":"menu","description":""}]`)},
		{"a description of 257", "setMyCommands", with("setMyCommands", "commands", `[{"command":"menu","description":"`+strings.Repeat("d", 257)+`"}]`)},
		{"an unknown scope", "setMyCommands", with("setMyCommands", "scope", `{"type":"everyone"}`)},
		{"a language of five letters", "setMyCommands", with("setMyCommands", "language_code", "es-MX")},
	} {
		if wrong := Check(r.method, r.form); len(wrong) == 0 {
			t.Errorf("%s: not caught", r.why)
		}
	}
}

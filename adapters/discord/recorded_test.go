package discord

import (
	_ "embed"
	"encoding/json"
	"testing"

	"evenfall/bot"
)

//go:embed testdata/recorded.json
var recordedJSON []byte

type recorded struct {
	Events []struct {
		Name string          `json:"name"`
		Type string          `json:"t"`
		Data json.RawMessage `json:"d"`
	} `json:"events"`
}

// TestRecorded: what Discord really sent arrives as it should, and what the bot has
// no business with does not.
func TestRecorded(t *testing.T) {
	t.Parallel()
	const thread = "1457536551830421524"
	ana := bot.User{Network: Network, ID: "1033044521375764530"}
	want := map[string]bot.Incoming{
		"buttonClickHello": {Kind: bot.Tapped, User: ana, Name: "Ana", Locale: "en-US", Chat: bot.Chat{Network: Network, ID: thread},
			Open: true, Payload: "hello", Message: "1457536567810854934"},
		"dmButtonClick": {Kind: bot.Tapped, User: ana, Name: "Ana", Locale: "en-US", Chat: bot.Nook(ana),
			Open: true, Payload: "dm-action", Message: "MSG_DM_123"},
		"differentUser": {Kind: bot.Tapped, User: bot.User{Network: Network, ID: "9876543210987654321"}, Name: "Benny", Locale: "en-US",
			Chat: bot.Chat{Network: Network, ID: thread}, Open: true, Payload: "hello", Message: "1457536567810854934"},
	}
	var all recorded
	if err := json.Unmarshal(recordedJSON, &all); err != nil {
		t.Fatal(err)
	}
	e := newEar(nil)
	r := newRig(t, e.handle)
	r.run()
	for _, event := range all.Events {
		r.Dispatch(event.Type, event.Data)
		if expected, ok := want[event.Name]; ok {
			in := e.next(t)
			if expected.ID, expected.Once = in.ID, true; in != expected || in.ID == "" {
				t.Errorf("%s was heard as\n%+v, want\n%+v", event.Name, in, expected)
			}
			delete(want, event.Name)
		}
	}
	r.DM(r.ana, "the end")
	if in := e.next(t); in.Text != "the end" {
		t.Errorf("heard %+v of what is none of the bot's business", in)
	}
	if len(want) != 0 {
		t.Errorf("not recorded: %v", want)
	}
	if n := r.a.Counts()["interactions not understood"]; n != 0 {
		t.Errorf("%d recorded interactions were not understood", n)
	}
}

// TestRecordedForm: the label of a pressed button is found in what Discord really sends.
func TestRecordedForm(t *testing.T) {
	t.Parallel()
	var all recorded
	if err := json.Unmarshal(recordedJSON, &all); err != nil {
		t.Fatal(err)
	}
	var i interaction
	if err := json.Unmarshal(all.Events[0].Data, &i); err != nil {
		t.Fatal(err)
	}
	if got := i.label("info"); got != "Label 3" {
		t.Errorf("the label is %q", got)
	}
	if i.Channel.Parent != "1457510428359004343" || i.Channel.Type != 11 {
		t.Errorf("the channel is %+v", i.Channel)
	}
}

// FuzzInteraction: no interaction, however broken, panics, and what is heard of it has
// somebody who did it, somewhere, and a button that was made here.
func FuzzInteraction(f *testing.F) {
	var all recorded
	if err := json.Unmarshal(recordedJSON, &all); err != nil {
		f.Fatal(err)
	}
	for _, event := range all.Events {
		f.Add([]byte(event.Data))
	}
	f.Add([]byte(`{"id":"1","token":"t","type":5,"channel_id":"2","user":{"id":"3"},"data":{"custom_id":"?a","components":[{"type":18,"component":{}},{"type":1,"components":[{"type":4,"value":7}]}]}}`))
	f.Add([]byte(`{"id":"1","token":"t","type":3,"channel_id":"2","user":{"id":"3"},"data":{"component_type":2,"custom_id":"!1!"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var i interaction
		if json.Unmarshal(raw, &i) != nil {
			return
		}
		i.label(i.Data.CustomID)
		in, ok := i.incoming()
		if !ok {
			return
		}
		if in.User.ID == "" || in.Chat.ID == "" || in.Kind == bot.Called && in.Command == "" {
			t.Errorf("heard %+v", in)
		}
		if (in.Kind == bot.Tapped || in.Kind == bot.Said) && in.Payload == "" {
			t.Errorf("nothing was tapped: %+v", in)
		}
	})
}

package discord

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"evenfall/bot"
)

// elsewhere tells once of another gateway than the network's.
type elsewhere struct {
	http.RoundTripper
	url  string
	told atomic.Bool
}

func (e *elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/gateway") && !e.told.Swap(true) {
		body := `{"url":"` + e.url + `"}`
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
	return e.RoundTripper.RoundTrip(r)
}

// broken is a gateway that answers an upgrade with a status, or lets say speak.
func broken(t *testing.T, status int, say func(*websocket.Conn, *http.Request)) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		if status != http.StatusSwitchingProtocols {
			http.Error(w, "<html>canary words</html>", status)
			return
		}
		if c, err := websocket.Accept(w, r, nil); err == nil {
			say(c, r)
		}
	}))
	t.Cleanup(srv.Close)
	return strings.Replace(srv.URL, "http", "ws", 1)
}

// TestGatewayMatrix: whatever the gateway does at first, the next connection works, no
// identify is wasted, and no secret is told to the log. What comes after an identify is
// TestFinal's, TestResume's and TestIdentifyAnew's.
func TestGatewayMatrix(t *testing.T) {
	t.Parallel()
	frame := func(typ websocket.MessageType, data string) func(*websocket.Conn, *http.Request) {
		return func(c *websocket.Conn, r *http.Request) {
			_ = c.Write(r.Context(), typ, []byte(data))
			_, _, _ = c.Read(r.Context())
		}
	}
	upgraded := http.StatusSwitchingProtocols
	for name, url := range map[string]string{
		"refused":           "ws://127.0.0.1:1",
		"reset":             broken(t, 0, nil),
		"400":               broken(t, 400, nil),
		"401":               broken(t, 401, nil),
		"403":               broken(t, 403, nil),
		"429":               broken(t, 429, nil),
		"502":               broken(t, 502, nil),
		"redirect":          broken(t, 307, nil),
		"200":               broken(t, 200, nil),
		"no words":          broken(t, upgraded, func(c *websocket.Conn, _ *http.Request) { c.CloseNow() }),
		"closed":            broken(t, upgraded, func(c *websocket.Conn, _ *http.Request) { c.Close(4000, "canary words") }),
		"nonsense":          broken(t, upgraded, frame(websocket.MessageText, `{"op":"canary words`)),
		"not compressed":    broken(t, upgraded, frame(websocket.MessageBinary, `canary words`)),
		"another beginning": broken(t, upgraded, frame(websocket.MessageText, `{"op":0,"t":"READY","d":{"user":7}}`)),
		"no address":        "canary words",
		"metadata":          "ws://169.254.169.254/latest",
		"the neighbours":    "ws://10.0.0.1:9200",
		"under a name":      "ws://localhost:1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEar(nil)
			r := newRig(t, e.handle)
			inner := r.a.rest.session.Client.Transport.(*transport)
			inner.next = &elsewhere{RoundTripper: inner.next, url: url}
			r.run()
			r.DM(r.ana, "hello")
			if in := e.next(t); in.Text != "hello" || in.Kind != bot.Said {
				t.Errorf("heard %+v", in)
			}
			if n := r.Identifies(); n != 1 {
				t.Errorf("%d identifies", n)
			}
			logs := r.logs.String()
			for _, secret := range append(shared{r}.Secrets(), "canary words", url) {
				if strings.Contains(logs, secret) {
					t.Errorf("the log holds %q", secret)
				}
			}
			inside := name == "metadata" || name == "the neighbours" || name == "under a name"
			if strings.Contains(logs, "gateway cannot be used") != inside {
				t.Errorf("the guard kept the bot away, or did not say so: %s", logs)
			}
		})
	}
}

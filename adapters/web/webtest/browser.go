package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long something that has to happen may take. Only what fails takes so long.
const patience = 60 * time.Second

// Page is the page in a browser of its own. All methods fail the test when the
// page does not let them do what they say.
type Page struct {
	t   testing.TB
	ctx context.Context
	bad chan string // what went wrong in the page's own script
}

// Chromium is the browser's path. It fails the test when there is none.
func Chromium(t testing.TB) string {
	t.Helper()
	path := os.Getenv("EVENFALL_CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("this test needs a Chromium; set EVENFALL_CHROMIUM to its path: %v", err)
	}
	return path
}

// Open opens the page at an address, with a browser that speaks English, and waits
// until it shows the chats. The browser goes when the test ends.
func Open(t testing.TB, address string) *Page {
	t.Helper()
	return OpenIn(t, address, "en")
}

// OpenIn is Open with a browser that speaks another language.
func OpenIn(t testing.TB, address, language string) *Page {
	t.Helper()
	// Its own folder: t.TempDir would fail when the browser's last writes come late.
	profile, err := os.MkdirTemp("", "evenfall-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(Chromium(t)), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("accept-lang", language),
		chromedp.WindowSize(1360, 860), chromedp.WSURLReadTimeout(patience))
	root, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(root)
	t.Cleanup(quit)
	p := &Page{t: t, ctx: ctx, bad: make(chan string, 64)}
	t.Cleanup(p.blameless)
	// This starts the browser and must not have a deadline: it would end with it.
	if err := chromedp.Listen(ctx, p.overhear); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	p.Do("opening the page", chromedp.Navigate(address))
	p.ready()
	return p
}

// overhear keeps what the page's script complains of: errors, and what its policy refused.
func (p *Page) overhear(event any) {
	what := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		what = e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			what += " " + thrown.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			what = "it wrote to the console"
		}
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceSecurity {
			what = e.Entry.Text
		}
	}
	if what != "" {
		select {
		case p.bad <- what:
		default:
		}
	}
}

// blameless fails the test if the page's script went wrong.
func (p *Page) blameless() {
	for {
		select {
		case what := <-p.bad:
			p.t.Errorf("the page's script: %s", what)
		default:
			return
		}
	}
}

// Do plays an action within patience.
func (p *Page) Do(doing string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", doing, err)
	}
}

// read plays an action within patience and returns what it found.
func read[T any](p *Page, doing string, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatalf("%s: %v", doing, err)
	}
	return found
}

// Eval runs a function of the page with arguments and reads its value into out, a
// pointer or nil.
func (p *Page) Eval(out any, function string, args ...any) {
	p.t.Helper()
	list := make([]string, len(args))
	for i, arg := range args {
		text, err := json.Marshal(arg)
		if err != nil {
			p.t.Fatal(err)
		}
		list[i] = string(text)
	}
	script := "(" + function + ")(" + strings.Join(list, ",") + ")"
	// As text, so that what is not there comes back as null and not as an error.
	text := read(p, "reading the page", chromedp.Evaluate[string]("JSON.stringify("+script+" ?? null)"))
	if out == nil {
		return
	}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		p.t.Fatalf("reading the page: %v", err)
	}
}

// Until waits for a function of the page to be true, and shows the page's words if it never is.
func (p *Page) Until(what, function string, args ...any) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var ok bool
		p.Eval(&ok, function, args...)
		if ok {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("never: %s\nthe room:\n%s\nana's nook:\n%s\nben's nook:\n%s", what, p.Room(), p.Nook("ana"), p.Nook("ben"))
		}
	}
}

func (p *Page) ready() {
	p.t.Helper()
	p.Until("the page shows the chats", `() => document.body?.dataset.ready === 'yes'`)
}

// Reload loads the page anew, as a person would.
func (p *Page) Reload() {
	p.t.Helper()
	p.Do("loading the page anew", chromedp.Reload())
	p.ready()
}

// Size gives the window another size, in CSS pixels.
func (p *Page) Size(width, height int64) {
	p.t.Helper()
	p.Do("sizing the window", chromedp.EmulateViewport(width, height))
}

// Look chooses what the person's system asks for: dark or light, little or full motion.
func (p *Page) Look(dark, still bool) {
	p.t.Helper()
	scheme, motion := "light", "no-preference"
	if dark {
		scheme = "dark"
	}
	if still {
		motion = "reduce"
	}
	read(p, "choosing a look", func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
		}})
	})
}

// Screenshot writes what the window shows as a PNG.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	picture := read(p, "taking a picture", chromedp.CaptureScreenshot())
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// Press presses keys one after another, with the names of package chromedp/kb.
func (p *Page) Press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		p.Do(fmt.Sprintf("pressing %q", key), chromedp.KeyEvent(key))
	}
}

//go:build tdlib

package tdlib

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

typedef const char *(*execute)(const char *);

static const char *run(void *f, const char *request) { return ((execute)f)(request); }
*/
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"runtime"
	"unsafe"
)

// Library is a loaded libtdjson.
type Library struct{ execute unsafe.Pointer }

// Open loads the library at path.
func Open(path string) (*Library, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	h := C.dlopen(name, C.RTLD_NOW)
	if h == nil {
		return nil, errors.New("tdlib: " + C.GoString(C.dlerror()))
	}
	symbol := C.CString("td_execute")
	defer C.free(unsafe.Pointer(symbol))
	f := C.dlsym(h, symbol)
	if f == nil {
		return nil, errors.New("tdlib: " + C.GoString(C.dlerror()))
	}
	l := &Library{f}
	_, err := l.do(map[string]any{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})
	return l, err
}

// do runs a request that needs no account.
func (l *Library) do(request any) ([]byte, error) {
	raw, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("tdlib: %w", err)
	}
	c := C.CString(string(raw))
	defer C.free(unsafe.Pointer(c))
	runtime.LockOSThread() // the answer lives until the thread's next call
	defer runtime.UnlockOSThread()
	answer := []byte(C.GoString(C.run(l.execute, c)))
	var e struct {
		Type    string `json:"@type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(answer, &e); err != nil {
		return nil, fmt.Errorf("tdlib: %w", err)
	}
	if e.Type == "error" {
		return nil, errors.New("tdlib: " + e.Message)
	}
	return answer, nil
}

// Clean is a text as Telegram would store it: with what it takes out of every text gone.
func (l *Library) Clean(text string) (string, error) {
	raw, err := l.do(map[string]any{
		"@type": "getMarkdownText", "text": map[string]any{"@type": "formattedText", "text": text, "entities": []any{}},
	})
	if err != nil {
		return "", err
	}
	var formatted struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(raw, &formatted); err != nil {
		return "", fmt.Errorf("tdlib: %w", err)
	}
	return formatted.Text, nil
}

// Bold is a stretch of bold text in UTF-16 units.
type Bold struct{ Offset, Length int }

// Read is what Telegram reads in a text whose parts are bold (even ones) and not
// (odd ones): the text, and what is bold in it.
func (l *Library) Read(parts ...string) (text string, bold []Bold, err error) {
	markup := ""
	for i, p := range parts {
		if p = html.EscapeString(p); i%2 == 0 && p != "" {
			p = "<b>" + p + "</b>"
		}
		markup += p
	}
	raw, err := l.do(map[string]any{
		"@type": "parseTextEntities", "text": markup, "parse_mode": map[string]any{"@type": "textParseModeHTML"},
	})
	if err != nil {
		return "", nil, err
	}
	var formatted struct {
		Text     string `json:"text"`
		Entities []struct {
			Bold
			Type struct {
				Type string `json:"@type"`
			} `json:"type"`
		} `json:"entities"`
	}
	if err := json.Unmarshal(raw, &formatted); err != nil {
		return "", nil, fmt.Errorf("tdlib: %w", err)
	}
	for _, e := range formatted.Entities {
		if e.Type.Type == "textEntityTypeBold" {
			bold = append(bold, e.Bold)
		}
	}
	return formatted.Text, bold, nil
}

package telegramtest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
)

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	token, method, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	if !ok || !strings.HasPrefix(r.URL.Path, "/bot") {
		write(w, failure(404, "Not Found"))
		return
	}
	if token != Token {
		write(w, failure(401, "Unauthorized"))
		return
	}
	if err := parse(r); err != nil {
		write(w, failure(400, "Bad Request: can't parse parameters"))
		return
	}
	s.mu.Lock()
	s.calls[method]++
	s.touch()
	f := s.fault(method, r.PostForm.Get("chat_id"))
	s.mu.Unlock()
	if wrong := Check(method, r.PostForm); len(wrong) > 0 {
		if f == nil {
			s.t.Errorf("telegramtest: %s: %s", method, strings.Join(wrong, "; "))
		}
		write(w, failure(400, "Bad Request: "+wrong[0]))
		return
	}
	if f != nil && !f.after {
		f.play(w, r, s.stop)
		return
	}
	result := s.do(r, method)
	if f != nil {
		f.play(w, r, s.stop)
		return
	}
	write(w, result)
}

// parse reads a form. Of a file the form holds the name and where in the request it is.
func parse(r *http.Request) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		return r.ParseForm()
	}
	if err := r.ParseMultipartForm(50 << 20); err != nil {
		return err
	}
	for field, files := range r.MultipartForm.File {
		r.PostForm.Set(field, "attach://"+files[0].Filename)
	}
	return nil
}

// attached is the file of a request; nil when there is none.
func attached(r *http.Request) *File {
	from, head, err := r.FormFile("document")
	if err != nil {
		return nil
	}
	defer from.Close()
	data, err := io.ReadAll(from)
	if err != nil {
		return nil
	}
	return &File{Name: head.Filename, Type: head.Header.Get("Content-Type"), Data: data}
}

// answer is what every method gives back.
type answer struct {
	OK          bool        `json:"ok"`
	Result      any         `json:"result,omitempty"`
	Code        int         `json:"error_code,omitempty"`
	Description string      `json:"description,omitempty"`
	Parameters  *parameters `json:"parameters,omitempty"`
}

type parameters struct {
	MigrateTo  int64 `json:"migrate_to_chat_id,omitempty"`
	RetryAfter int   `json:"retry_after,omitempty"`
}

func failure(code int, description string) answer {
	return answer{Code: code, Description: description}
}

func success(result any) answer { return answer{OK: true, Result: result} }

func write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	if a.Code != 0 {
		w.WriteHeader(a.Code)
	}
	_ = json.NewEncoder(w).Encode(a)
}

// object is a JSON object in the making.
type object = map[string]any

// sound fails the test when the server itself would say what no Telegram says.
func (s *Server) sound(typ string, o any) json.RawMessage {
	raw, err := json.Marshal(o)
	if err != nil {
		s.t.Fatalf("telegramtest: %v", err)
	}
	var v any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		s.t.Fatalf("telegramtest: %v", err)
	}
	for _, wrong := range kind(typ, typ, v) {
		s.t.Errorf("telegramtest: the pretend server is wrong: %s", wrong)
	}
	return raw
}

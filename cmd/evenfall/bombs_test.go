//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// bombs are faults of the program that throw what people wrote: in a step, in the heartbeat
// and in sending.
var bombs = []struct{ file, old, new string }{
	{"bot/bot.go", "	if err := b.post.load(ctx); err != nil {\n		return Answer{}, err",
		"	if strings.Contains(in.Text, \"bomb\") {\n		panic(in.Text)\n	}\n	if err := b.post.load(ctx); err != nil {\n		return Answer{}, err"},
	{"bot/tick.go", "	now := b.now()\n	away, err", "	defer func() { panic(errors.New(\"" + canary + " in the heartbeat\")) }()\n	now := b.now()\n	away, err"},
	{"bot/send.go", "	return p.b.adapters[l.Chat.Network].Send(ctx, l)",
		"	if l.Flow == \"menu\" {\n		panic(\"" + canary + " \" + l.Page.Text)\n	}\n	return p.b.adapters[l.Chat.Network].Send(ctx, l)"},
}

// mined builds the program with the bombs in it.
func mined(t *testing.T) (program string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	overlay := map[string]map[string]string{"Replace": {}}
	for i, b := range bombs {
		path := filepath.Join(root, b.file)
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(source), b.old) != 1 {
			t.Fatalf("%s has no single place for its bomb: the test must follow the source", b.file)
		}
		overlay["Replace"][path] = filepath.Join(folder, strconv.Itoa(i)+".go")
		if err := os.WriteFile(overlay["Replace"][path], []byte(strings.Replace(string(source), b.old, b.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	names := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(names, list, 0o600); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(folder, "evenfall")
	if out, err := exec.Command("go", "build", "-overlay", names, "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

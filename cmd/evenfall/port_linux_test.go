package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Nobody can call the program from outside: with networks alone it listens nowhere, and with
// the status page on one address of this computer.
func TestNoPort(t *testing.T) {
	for address, want := range map[string]int{off: 0, ":0": 1} {
		networks := pretend(t) // they listen too, in this same process
		before := listening(t)
		w := watching(t, networks, off, address)
		await(t, func() bool { return w.telegram.Calls("getUpdates") > 0 && w.discord.Identifies() > 0 })
		opened := slices.DeleteFunc(listening(t), func(l string) bool { return slices.Contains(before, l) })
		if len(opened) != want {
			t.Errorf("with EVENFALL_HTTP=%s it listens on %v", address, opened)
		}
		for _, l := range opened {
			if !strings.HasPrefix(l, "0100007F:") { // 127.0.0.1 as the kernel writes it
				t.Errorf("with EVENFALL_HTTP=%s it listens on %s", address, l)
			}
		}
	}
}

// listening is the local addresses on which this process waits for others, in the kernel's writing.
func listening(t *testing.T) (all []string) {
	t.Helper()
	mine := map[string]bool{}
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(files) == 0 {
		t.Fatal("the open files cannot be listed", err)
	}
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil {
			mine[to] = true
		}
	}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile("/proc/self/net/" + table)
		if os.IsNotExist(err) {
			continue // no IPv6 here
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			const listen, unconnected = "0A", "07"
			if len(f) > 9 && (f[3] == listen || f[3] == unconnected) && mine["socket:["+f[9]+"]"] {
				all = append(all, f[1])
			}
		}
	}
	return all
}

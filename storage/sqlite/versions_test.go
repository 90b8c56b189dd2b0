package sqlite

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"modernc.org/sqlite"
)

// TestLibcPin holds modernc.org/libc at the version that modernc.org/sqlite was
// made with; with another one the translated C may crash.
func TestLibcPin(t *testing.T) {
	list := func(format, module string) string {
		out, err := exec.Command("go", "list", "-m", "-f", format, module).Output()
		if err != nil {
			t.Fatalf("go list -m %s: %v", module, err)
		}
		return strings.TrimSpace(string(out))
	}
	theirs, err := os.ReadFile(list("{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	ours := "modernc.org/libc " + list("{{.Version}}", "modernc.org/libc")
	for line := range strings.Lines(string(theirs)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "modernc.org/libc ") {
			if line != ours {
				t.Fatalf("go.mod has %s, modernc.org/sqlite was made with %s", ours, line)
			}
			return
		}
	}
	t.Fatal("modernc.org/sqlite does not name its libc")
}

func TestSound(t *testing.T) {
	for version, want := range map[string]bool{
		"3.51.2": false, "3.51.3": true, "3.51.4": true, "3.52.0": false, "3.52.1": true, "3.54.1": true,
		"3.6.99": false, "4.0.0": true, "3": false, "": false,
	} {
		if err := sound(version); (err == nil) != want {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// TestSettings asks both kinds of connections what they were opened with.
func TestSettings(t *testing.T) {
	s := open(t, t.TempDir())
	reader := <-s.readers
	defer func() { s.readers <- reader }()
	for _, c := range []struct {
		conn *conn
		name string
		want any
	}{
		{s.queue.w.conn, "journal_mode", "wal"},
		{s.queue.w.conn, "synchronous", int64(2)},
		{s.queue.w.conn, "foreign_keys", int64(1)},
		{s.queue.w.conn, "secure_delete", int64(1)},
		{s.queue.w.conn, "busy_timeout", int64(5000)},
		{s.queue.w.conn, "wal_autocheckpoint", int64(3000)},
		{s.queue.w.conn, "query_only", int64(0)},
		{reader.conn, "query_only", int64(1)},
		{reader.conn, "busy_timeout", int64(5000)},
	} {
		row, err := c.conn.once("PRAGMA " + c.name)
		if err != nil {
			t.Fatal(err)
		}
		if row[0] != c.want {
			t.Errorf("%s is %v, want %v", c.name, row[0], c.want)
		}
	}
	if runtime.GOOS == "linux" && !sqlite.OFDLockingEnabled() {
		t.Error("the locks are those of the process")
	}
}

package sqlite

import (
	"testing"

	"go.uber.org/goleak"

	"evenfall/bot"
	"evenfall/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) bot.Store { return open(t, t.TempDir()) })
}

// open opens a real house and closes it with the test, if nobody has before.
func open(t testing.TB, folder string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Folder: folder})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"evenfall/bot"
	"evenfall/storage/memory"
	"evenfall/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storagetest.Run(t, func(*testing.T) bot.Store { return memory.New() })
}

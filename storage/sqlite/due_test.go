package sqlite

import (
	"fmt"
	"testing"
	"time"

	"evenfall/bot"
)

// people fills an empty house with couples whose check-in sleeps for a long time,
// and wakes every so-manieth of them at the second 1000.
func people(t testing.TB, s *Store, couples, due int) {
	t.Helper()
	for _, text := range []string{
		`BEGIN`,
		fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO couple (id, body) SELECT i, CAST('{}' AS BLOB) FROM n`, couples),
		fmt.Sprintf(`INSERT INTO state (couple, flow, wake, body)
			SELECT id, 'checkin', iif(id %% %d = 0, 1000, 2000000000 + id %% 86400), CAST('{}' AS BLOB) FROM couple`, couples/due),
		`COMMIT`,
	} {
		if _, err := s.queue.w.once(text); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
}

// TestDueReadsTheIndex holds the cost of a scan to what is due: the plan must go
// through the index of alarms, from where the last page ended, without sorting.
func TestDueReadsTheIndex(t *testing.T) {
	s := open(t, t.TempDir())
	people(t, s, 1000, 10)
	c := s.queue.w.conn
	var explain *stmt
	if err := c.prepare(map[**stmt]string{&explain: `EXPLAIN QUERY PLAN ` + due}); err != nil {
		t.Fatal(err)
	}
	row, err := explain.one(int64(1000), int64(0), int64(0), "", int64(10))
	if err != nil {
		t.Fatal(err)
	}
	plan := text(row[3])
	if want := "SEARCH state USING COVERING INDEX state_wake ((wake,couple,flow)>(?,?,?) AND wake<?)"; plan != want {
		t.Errorf("the plan is %q", plan)
	}
	got, err := s.Due(t.Context(), time.Unix(1000, 0), bot.Alarm{}, 100)
	if err != nil || len(got) != 10 {
		t.Fatalf("%d due, %v", len(got), err)
	}
}

// BenchmarkDue finds the same thousand due in houses of three sizes, and nothing due in the biggest.
func BenchmarkDue(b *testing.B) {
	for _, couples := range []int{1_000, 100_000, 1_000_000} {
		s := open(b, b.TempDir())
		people(b, s, couples, 1000)
		for _, c := range []struct {
			name string
			now  int64
			want int
		}{{"due=1000", 1000, 1000}, {"due=0", 999, 0}} {
			b.Run(fmt.Sprintf("couples=%d/%s", couples, c.name), func(b *testing.B) {
				for b.Loop() {
					got, err := s.Due(b.Context(), time.Unix(c.now, 0), bot.Alarm{}, 1000)
					if err != nil || len(got) != c.want {
						b.Fatalf("%d due, %v", len(got), err)
					}
				}
			})
		}
	}
}

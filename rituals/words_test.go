package rituals

import (
	"slices"
	"strings"
	"testing"
)

func TestParseClock(t *testing.T) {
	for want, texts := range map[string][]string{
		"20:00": {"8pm", "8 PM", "8", "8:00", "20", "20:00", "20.00", "20h", "20 h", "2000", "800", "8p.m.", "8 p. m.", "8 P M.", "8pm!",
			"eight", "eight o'clock", "8 o’clock", "at 8", "at 8pm please", "around 8", "a las 8", "a las ocho", "las 8 de la tarde",
			"8 de la noche", "ocho en punto", "8 in the evening", "tonight at 8", "8 tonight", "esta noche a las 8", "８：００",
			"20:00 hrs", "20 horas", "20:00h", "8 every evening", "todos los días a las 8", "  8\u00a0pm ", "😊 8pm", "20:00 de la noche"},
		"20:30": {"8:30", "8.30", "8,30", "8h30", "20h30", "8:30pm", "8:30 p.m.", "830", "2030", "8 30", "half past eight",
			"half past 8", "eight thirty", "ocho y media", "las ocho y media de la tarde", "8 y 30", "20.30"},
		"20:45": {"quarter to nine", "a quarter to 9", "nueve menos cuarto", "las 9 menos cuarto", "20:45", "8:45pm"},
		"21:15": {"quarter past nine", "nueve y cuarto", "9:15"},
		"23:00": {"once", "las once", "11pm", "23h", "eleven"},
		"12:00": {"noon", "midday", "mediodía", "a mediodía", "12", "12pm", "12 noon", "las 12 del mediodía", "las 12 de la mañana"},
		"00:00": {"midnight", "medianoche", "at midnight", "tonight at midnight", "12am", "12 a.m.", "24:00", "0:00", "00:00", "12 de la noche", "doce de la noche"},
		"12:45": {"la una menos cuarto de la tarde", "quarter to 1 pm"},
		"00:30": {"0:30", "12:30am", "las doce y media de la noche"},
		"08:00": {"08:00", "8am", "8 a.m.", "08", "8 de la mañana", "8 in the morning"},
		"01:00": {"01:00", "1am", "1 de la noche", "1 de la madrugada"},
		"13:00": {"1", "1pm", "la una", "13h"},
	} {
		for _, text := range texts {
			if c, ok := ParseClock(text); !ok || c.String() != want {
				t.Errorf("%q is %s %t, want %s", text, c, ok, want)
			}
		}
	}
}

func TestParseClockRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "pm", "at", "yes", "25", "25:00", "24:30", "8:60", "8:5", "8:3 pm", "-8", "8-9", "19:00–21:00", "7 to 8", "8 a 10",
		"de 8 a 10", "8 or 9", "8 o 9", "13am", "20 de la mañana", "24pm", "0pm", "8 am pm", "8am tonight", "noon midnight",
		"20:00:00", "8:30:15", "12345", "8pm 9pm", "47 menos cuarto", "half past", "half past 25", "8 y", "8 menos", "media",
		"tomorrow", "8 tomorrow", "once a day", "٨", "8½", strings.Repeat("8 ", 200),
	} {
		if c, ok := ParseClock(text); ok {
			t.Errorf("%q is taken for %s", text, c)
		}
	}
}

func TestParseNow(t *testing.T) {
	for text, want := range map[string][]Clock{
		"8:05":   {8*60 + 5, 20*60 + 5},
		"08:05":  {8*60 + 5},
		"8:05am": {8*60 + 5},
		"20:05":  {20*60 + 5},
		"12:10":  {12*60 + 10},
		"noon":   {12 * 60},
		"soon":   nil,
	} {
		if got := ParseNow(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestParseWeekdays(t *testing.T) {
	for text, want := range map[string]string{
		"weekends":                        "S.....S",
		"the weekend":                     "S.....S",
		"fin de semana":                   "S.....S",
		"los fines de semana":             "S.....S",
		"sat, sun":                        "S.....S",
		"Saturday & Sunday":               "S.....S",
		"sábado y domingo":                "S.....S",
		"SÁB/DOM":                         "S.....S",
		"none":                            ".......",
		"No":                              ".......",
		"no days":                         ".......",
		"ninguno":                         ".......",
		"ningún día":                      ".......",
		"mon-fri":                         ".MTWTF.",
		"weekdays":                        ".MTWTF.",
		"entre semana":                    ".MTWTF.",
		"de lunes a viernes":              ".MTWTF.",
		"Monday through Friday":           ".MTWTF.",
		"weekdays and saturday":           ".MTWTFS",
		"fri to mon":                      "SM...FS",
		"sat – sun":                       "S.....S",
		"mon to mon":                      ".M.....",
		"martes, jueves y sábados":        "..T.T.S",
		"Tue Thu":                         "..T.T..",
		"tues/thurs":                      "..T.T..",
		"Fridays.":                        ".....F.",
		"los viernes":                     ".....F.",
		"miércoles":                       "...W...",
		"every day":                       "SMTWTFS",
		"todos los días":                  "SMTWTFS",
		"every day except sunday":         ".MTWTFS",
		"todos los días menos el viernes": "SMTWT.S",
		"weekdays but not wed":            "refused",
		"weekdays but wednesday":          ".MT.TF.",
		"":                                "refused",
		"and":                             "refused",
		"foo":                             "refused",
		"sat, foo":                        "refused",
		"none, sat":                       "refused",
		"mon-":                            "refused",
		"mon-foo":                         "refused",
		"weekends to mon":                 "refused",
		"except":                          "refused",
		"except sunday":                   "refused",
		"all except none":                 "SMTWTFS",
		"not on sundays":                  "refused",
		strings.Repeat("sat sun ", 100):   "refused",
	} {
		got := "refused"
		if days, ok := ParseWeekdays(text); ok {
			got = ""
			for i, letter := range "SMTWTFS" {
				got += map[bool]string{true: string(letter), false: "."}[days>>i&1 == 1]
			}
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func FuzzParseClock(f *testing.F) {
	for _, seed := range []string{"8pm", "20:30", "a las 9 de la noche", "half past eight", "ocho menos cuarto", "12 a. m.", "20h30", "noon", "İ 8", "8 y media", "\xff8"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := ParseClock(text)
		if c < 0 || c >= 1440 || !ok && c != 0 {
			t.Fatalf("%q is %d %t", text, c, ok)
		}
		if !ok {
			return
		}
		if again := ParseNow(c.String()); !slices.Contains(again, c) {
			t.Errorf("%q is %s, which is %s", text, c, again)
		}
		if len(text) < maxTyped-4 {
			if again, ok := ParseClock("at " + strings.ToUpper(text) + " "); ok && again != c {
				t.Errorf("%q is %s, and %s in capitals", text, c, again)
			}
		}
		now := ParseNow(text)
		if len(now) == 0 || now[len(now)-1] != c || len(now) == 2 && now[1]-now[0] != 720 {
			t.Errorf("%q is %s, and now %v", text, c, now)
		}
	})
}

func FuzzParseWeekdays(f *testing.F) {
	for _, seed := range []string{"weekends", "sat, sun", "sábado y domingo", "none", "mon-fri", "todos menos el viernes", "fri to mon", "\xff"} {
		f.Add(seed)
	}
	f.Add("do menos")
	f.Fuzz(func(t *testing.T, text string) {
		days, ok := ParseWeekdays(text)
		if days > everyDay || !ok && days != 0 {
			t.Fatalf("%q is %b %t", text, days, ok)
		}
		if !ok || len(text) > maxTyped-20 {
			return
		}
		if again, ok := ParseWeekdays("on " + text + " "); !ok || again != days {
			t.Errorf("%q is %07b, and %07b after on", text, days, again)
		}
		if less, ok := ParseWeekdays(text + " except sat"); ok && less&^days != 0 {
			t.Errorf("%q is %07b, and %07b except sat", text, days, less)
		}
	})
}

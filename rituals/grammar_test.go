package rituals

import (
	"fmt"
	"reflect"
	"testing"
)

// spelled is a schedule as one line.
func spelled(s Schedule) string {
	return fmt.Sprintf("%s/%d days %07b nth %d day %d.%d from %d to %d %s-%s %v", s.Unit, s.Every, s.Days, s.Nth, s.Day, s.Month, s.Start, s.End, s.At, Clock(s.To), s.Except)
}

func TestParseSchedule(t *testing.T) {
	today := date(t, "2026-11-23") // a Monday
	d := func(text string) Date { return date(t, text) }
	workdays, friday, sunday := everyDay&^weekend, Weekdays(1<<5), Weekdays(1)
	for text, want := range map[string]Schedule{
		"weekdays 19:00–21:00":              {Unit: Weekly, Days: workdays, At: 19 * 60, To: 21 * 60},
		"every Sunday at 6pm":               {Unit: Weekly, Days: sunday, At: 18 * 60},
		"mon-fri 9-17":                      {Unit: Weekly, Days: workdays, At: 9 * 60, To: 17 * 60},
		"Sundays":                           {Unit: Weekly, Days: sunday, To: wholeDay},
		"after 8":                           {Unit: Weekly, Days: everyDay, At: 20 * 60, To: wholeDay},
		"every day after eight":             {Unit: Weekly, Days: everyDay, At: 20 * 60, To: wholeDay},
		"from 8 on":                         {Unit: Weekly, Days: everyDay, At: 20 * 60, To: wholeDay},
		"7-9":                               {Unit: Weekly, Days: everyDay, At: 19 * 60, To: 21 * 60},
		"from 7 to 9pm on fridays":          {Unit: Weekly, Days: friday, At: 19 * 60, To: 21 * 60},
		"22:30 to 7":                        {Unit: Weekly, Days: everyDay, At: 22*60 + 30, To: 31 * 60},
		"between 12 and 1":                  {Unit: Weekly, Days: everyDay, At: 12 * 60, To: 13 * 60},
		"before 8am on weekdays":            {Unit: Weekly, Days: workdays, To: 8 * 60},
		"daily at 8 in the evening":         {Unit: Weekly, Days: everyDay, At: 20 * 60},
		"8 in the morning every day":        {Unit: Weekly, Days: everyDay, At: 8 * 60},
		"every 2 weeks on Friday 7pm":       {Unit: Weekly, Every: 2, Days: friday, Start: d("2026-11-27"), At: 19 * 60},
		"every other sunday, all day":       {Unit: Weekly, Every: 2, Days: sunday, Start: d("2026-11-29"), To: wholeDay},
		"every three weeks at 20:00":        {Unit: Weekly, Every: 3, Days: 1 << 1, Start: today, At: 20 * 60},
		"the last Friday of the month 18h":  {Unit: Monthly, Nth: -1, Days: friday, At: 18 * 60},
		"first monday of every month 8pm":   {Unit: Monthly, Nth: 1, Days: 1 << 1, At: 20 * 60},
		"on the 15th at 8pm":                {Unit: Monthly, Day: 15, At: 20 * 60},
		"every month on the 31st 20:00":     {Unit: Monthly, Day: 31, At: 20 * 60},
		"the last day of the month 20:00":   {Unit: Monthly, Day: 31, At: 20 * 60},
		"every 3 months on the 1st at noon": {Unit: Monthly, Every: 3, Day: 1, Start: d("2026-12-01"), At: 12 * 60},
		"every year on 14 May":              {Unit: Yearly, Month: 5, Day: 14, To: wholeDay},
		"3 March":                           {Start: d("2027-03-03"), To: wholeDay},
		"March 3rd, 2028 at 7pm":            {Start: d("2028-03-03"), At: 19 * 60},
		"2027-02-03 18:30":                  {Start: d("2027-02-03"), At: 18*60 + 30},
		"24.12.2026 from 18:00 to 23:00":    {Start: d("2026-12-24"), At: 18 * 60, To: 23 * 60},
		"tomorrow at 9pm":                   {Start: today + 1, At: 21 * 60},
		"29 february":                       {Start: d("2028-02-29"), To: wholeDay},
		"weekdays until 24 December, 19-21": {Unit: Weekly, Days: workdays, End: d("2026-12-24"), At: 19 * 60, To: 21 * 60},
		"fridays except 25 december at 8pm": {Unit: Weekly, Days: friday, Except: []Date{d("2026-12-25")}, At: 20 * 60},
		"every day except fridays 19-21":    {Unit: Weekly, Days: everyDay &^ friday, At: 19 * 60, To: 21 * 60},

		"entre semana de 19:00 a 21:00":       {Unit: Weekly, Days: workdays, At: 19 * 60, To: 21 * 60},
		"todos los días después de las ocho":  {Unit: Weekly, Days: everyDay, At: 20 * 60, To: wholeDay},
		"a partir de las 20h":                 {Unit: Weekly, Days: everyDay, At: 20 * 60, To: wholeDay},
		"los domingos todo el día":            {Unit: Weekly, Days: sunday, To: wholeDay},
		"cada dos viernes a las ocho":         {Unit: Weekly, Every: 2, Days: friday, Start: d("2026-11-27"), At: 20 * 60},
		"cada 2 semanas el domingo a las 18":  {Unit: Weekly, Every: 2, Days: sunday, Start: d("2026-11-29"), At: 18 * 60},
		"el último viernes del mes a las 19h": {Unit: Monthly, Nth: -1, Days: friday, At: 19 * 60},
		"cada mes el día 15 a las 20:00":      {Unit: Monthly, Day: 15, At: 20 * 60},
		"3 de marzo":                          {Start: d("2027-03-03"), To: wholeDay},
		"cada año el 14 de mayo":              {Unit: Yearly, Month: 5, Day: 14, To: wholeDay},
		"mañana a las 9 de la noche":          {Start: today + 1, At: 21 * 60},
		"de lunes a jueves de 7 a 9":          {Unit: Weekly, Days: 0b11110, At: 19 * 60, To: 21 * 60},
		"todos menos el viernes 19-21":        {Unit: Weekly, Days: everyDay &^ friday, At: 19 * 60, To: 21 * 60},
	} {
		if got, ok := ParseSchedule(text, today); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %t\n got %s\nwant %s", text, ok, spelled(got), spelled(want))
		}
	}
	for _, text := range []string{"", "whenever", "every 60 weeks on friday", "25:00", "32 march", "31 april", "2020-01-01", "the fifth friday",
		"friday or so at 8", "every 2 weekdays", "8pm-8pm", "none", "never at 8", "1000000 january", "the 15th of nevember"} {
		if got, ok := ParseSchedule(text, today); ok {
			t.Errorf("%q is taken as %s", text, spelled(got))
		}
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, text := range []string{"weekdays 19:00–21:00", "every 2 weeks on Friday 7pm", "el último viernes del mes", "3 march 2028", "after 8", "29 february"} {
		f.Add(text, int32(20780))
	}
	f.Fuzz(func(t *testing.T, text string, day int32) {
		today := Date(day&0x7fff + 10000)
		s, ok := ParseSchedule(text, today)
		if !ok {
			return
		}
		if s.At < 0 || s.At >= wholeDay || s.To != 0 && (s.To <= s.At || s.To > s.At+wholeDay) || s.Every < 0 || s.Every > 52 {
			t.Fatalf("%q is %s", text, spelled(s))
		}
		if first, ok := s.Next(today - 1); s.End == 0 && len(s.Except) == 0 && (!ok || first < today || s.Unit != Once && first > today+4*366) {
			t.Fatalf("%q is %s, first on %s", text, spelled(s), first)
		}
		if again, ok := ParseSchedule(text, today); !ok || !reflect.DeepEqual(again, s) {
			t.Fatalf("%q is read in two ways", text)
		}
	})
}

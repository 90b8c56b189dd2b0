package rituals

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFindZones(t *testing.T) {
	for query, want := range map[string]string{
		"Madrid":                    "Madrid ES Europe/Madrid",
		"londres":                   "Londres GB Europe/London",
		"LONDON":                    "London GB Europe/London",
		"Nueva York":                "Nueva York US America/New_York",
		"nyc":                       "New York US America/New_York",
		"new":                       "New York US America/New_York",
		"Ciudad de México":          "Ciudad de México MX America/Mexico_City",
		"ciudad de mex":             "Ciudad de México MX America/Mexico_City",
		"sao paulo":                 "São Paulo BR America/Sao_Paulo",
		"München":                   "München DE Europe/Berlin",
		"a coruna":                  "A Coruña ES Europe/Madrid",
		"lodz":                      "Łódź PL Europe/Warsaw",
		"St Johns (Newfoundland)":   "St. John's (Newfoundland) CA America/St_Johns",
		"Xian":                      "Xi'an CN Asia/Shanghai",
		"Valencia":                  "Valencia ES Europe/Madrid",
		"Valencia, Venezuela":       "Valencia VE America/Caracas",
		"Portland, OR":              "Portland US America/Los_Angeles",
		"Los Angeles, CA":           "Los Angeles US America/Los_Angeles", // not Canada
		"san":                       "San Francisco US America/Los_Angeles",
		"york":                      "York GB Europe/London",
		"aires":                     "Buenos Aires AR America/Argentina/Buenos_Aires",
		"spain":                     "Madrid ES Europe/Madrid",
		"España":                    "Madrid ES Europe/Madrid",
		"Georgia":                   "Tbilisi GE Asia/Tbilisi",
		"EST":                       "New York US America/New_York", // in the database it is Panama's
		"Europe/Madrid":             "Madrid ES Europe/Madrid",
		"america/argentina/ushuaia": "Ushuaia AR America/Argentina/Ushuaia",
		"asia/calcutta":             "Calcutta  Asia/Calcutta",
		"us/eastern":                "Eastern  US/Eastern",
		"UTC":                       "UTC  UTC",
		"mar":                       "Marseille FR Europe/Paris", // not Morocco, though its code is MAR
		"sai":                       "Saint Petersburg RU Europe/Moscow",
		"":                          "",
		",":                         "",
		", Spain":                   "",
		"Atlantis":                  "",
		"Etc/GMT+5":                 "",
		"no":                        "Nottingham GB Europe/London",
	} {
		got := ""
		if places := FindZones(query, 1); len(places) == 1 {
			got = places[0].City + " " + places[0].Country + " " + places[0].Zone
		}
		if got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}

func TestFindZonesLists(t *testing.T) {
	for limit, want := range map[int]int{-1: 0, 0: 0, 3: 3, 1000: len(FindZones("san", 1000))} {
		if got := FindZones("san", limit); len(got) != want {
			t.Errorf("%d places for a limit of %d", len(got), limit)
		}
	}
	if both := FindZones("cordoba", 5); len(both) < 2 || both[0].Country == both[1].Country {
		t.Errorf("two Córdobas are asked after, not %v", both)
	}
	if mexico := FindZones("México", 50); len(mexico) < 8 {
		t.Errorf("México has more zones than %v", mexico)
	}
	for _, query := range []string{"lond", "london", "a", "united kingdom"} {
		seen := make(map[Place]bool)
		for _, p := range FindZones(query, 2000) {
			if seen[p] {
				t.Errorf("%q finds %v twice", query, p)
			}
			seen[p] = true
		}
	}
}

// TestEveryPlace: every place of the table has a zone that loads and a country, and is
// found by each of its names.
func TestEveryPlace(t *testing.T) {
	cities := make(map[int]bool)
	for _, n := range atlas().names {
		location(t, n.place.Zone)
		if n.key == "" || n.place.City == "" {
			t.Errorf("a place in %s has no name", n.place.Zone)
		}
		if n.zone || n.place.Country == "" {
			continue
		}
		cities[n.of] = true
		if CountryName(n.place.Country, "en") == "" {
			t.Errorf("%s is in %q", n.place.City, n.place.Country)
		}
		if !slices.ContainsFunc(FindZones(n.key, 20), func(p Place) bool { return p.Zone == n.place.Zone && p.Country == n.place.Country }) {
			t.Errorf("%q does not find %v", n.key, n.place)
		}
	}
	if len(cities) < 1000 {
		t.Errorf("only %d places", len(cities))
	}
}

// TestEveryZoneIsFound: by its name, and by the city it is called after.
func TestEveryZoneIsFound(t *testing.T) {
	for _, name := range zoneNames(t) {
		area, city, ok := strings.Cut(name, "/")
		if !ok || area == "Etc" {
			continue
		}
		has := func(p Place) bool { return p.Zone == name }
		if !slices.ContainsFunc(FindZones(name, 3), has) {
			t.Errorf("%s is not found by its name", name)
		}
		city = strings.ReplaceAll(city[strings.LastIndex(city, "/")+1:], "_", " ")
		city = strings.Replace(city, "St ", "Saint ", 1)
		if cityAreas[area] && len(FindZones(city, 5)) == 0 && len(FindZones(strings.Replace(city, "Saint", "St", 1), 5)) == 0 {
			t.Errorf("%s: %s is not found", name, city)
		}
	}
}

func TestEveryCapitalIsFound(t *testing.T) {
	for _, city := range strings.Split(capitals, ",") {
		if city = strings.TrimSpace(city); len(FindZones(city, 1)) == 0 || key(FindZones(city, 1)[0].City) != key(city) {
			t.Errorf("%s is not found", city)
		}
	}
	housed := make(map[string]bool)
	for _, n := range atlas().names {
		housed[n.place.Country] = true
	}
	for code := range countries().codes {
		if !housed[code] && code != "BV" && code != "HM" { // two islands nobody lives on
			t.Errorf("no place in %s", CountryName(code, "en"))
		}
	}
}

const capitals = `Kabul, Tirana, Algiers, Andorra la Vella, Luanda, Saint John's (Antigua), Buenos Aires, Yerevan, Canberra, Vienna, Baku, Nassau,
Manama, Dhaka, Bridgetown, Minsk, Brussels, Belmopan, Porto-Novo, Thimphu, La Paz, Sucre, Sarajevo, Gaborone, Brasília, Bandar Seri Begawan,
Sofia, Ouagadougou, Gitega, Praia, Phnom Penh, Yaoundé, Ottawa, Bangui, N'Djamena, Santiago, Beijing, Bogotá, Moroni, Kinshasa, Brazzaville,
San José, Yamoussoukro, Zagreb, Havana, Nicosia, Prague, Copenhagen, Djibouti, Roseau, Santo Domingo, Quito, Cairo, San Salvador, Malabo,
Asmara, Tallinn, Mbabane, Addis Ababa, Suva, Helsinki, Paris, Libreville, Banjul, Tbilisi, Berlin, Accra, Athens, St. George's,
Guatemala City, Conakry, Bissau, Georgetown, Port-au-Prince, Tegucigalpa, Budapest, Reykjavik, New Delhi, Jakarta, Tehran, Baghdad, Dublin,
Jerusalem, Rome, Kingston, Tokyo, Amman, Astana, Nairobi, Tarawa, Pyongyang, Seoul, Pristina, Kuwait City, Bishkek, Vientiane, Riga, Beirut,
Maseru, Monrovia, Tripoli, Vaduz, Vilnius, Luxembourg, Antananarivo, Lilongwe, Kuala Lumpur, Malé, Bamako, Valletta, Majuro, Nouakchott,
Port Louis, Mexico City, Palikir, Chișinău, Monaco, Ulaanbaatar, Podgorica, Rabat, Maputo, Naypyidaw, Windhoek, Yaren, Kathmandu, Amsterdam,
Wellington, Managua, Niamey, Abuja, Skopje, Oslo, Muscat, Islamabad, Ngerulmud, Ramallah, Panama City, Port Moresby, Asunción, Lima, Manila,
Warsaw, Lisbon, Doha, Bucharest, Moscow, Kigali, Basseterre, Castries, Kingstown, Apia, San Marino, São Tomé, Riyadh, Dakar, Belgrade,
Victoria, Freetown, Singapore, Bratislava, Ljubljana, Honiara, Mogadishu, Pretoria, Cape Town, Juba, Madrid, Colombo, Khartoum, Paramaribo,
Stockholm, Bern, Damascus, Taipei, Dushanbe, Dodoma, Bangkok, Dili, Lomé, Nukuʻalofa, Port of Spain, Tunis, Ankara, Ashgabat, Funafuti,
Kampala, Kyiv, Abu Dhabi, London, Washington, Montevideo, Tashkent, Port Vila, Vatican City, Caracas, Hanoi, Sanaa, Lusaka, Harare`

func TestZonesShowing(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 3, 0, 0, time.UTC)
	first := func(c Clock) string {
		if places := ZonesShowing(c, now); len(places) > 0 {
			return places[0].City
		}
		return ""
	}
	for c, want := range map[Clock]string{
		18*60 + 3: "London", 18*60 + 10: "London", 17*60 + 56: "London", 18*60 + 11: "", 17*60 + 55: "",
		19 * 60: "Madrid", 13 * 60: "New York", 23*60 + 48: "Kathmandu", 7 * 60: "Auckland",
	} {
		if got := first(c); got != want {
			t.Errorf("%s: %s, want %s", c, got, want)
		}
	}
	if late := ZonesShowing(2, time.Date(2026, 1, 5, 23, 57, 0, 0, time.UTC)); len(late) == 0 || late[0].City != "London" {
		t.Errorf("five minutes across midnight find %v", late)
	}
}

// TestEveryOffsetHasAnExample: whatever zone a person is in, the examples hold one with the same clock.
func TestEveryOffsetHasAnExample(t *testing.T) {
	for _, now := range []time.Time{
		time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 28, 12, 0, 0, 0, time.UTC),
	} {
		for _, n := range atlas().names {
			if n.place.Country == "" || n.place.Country == "AQ" {
				continue
			}
			there := now.In(location(t, n.place.Zone))
			_, offset := there.Zone()
			shown := ZonesShowing(Clock(there.Hour()*60+there.Minute()), now)
			if !slices.ContainsFunc(shown, func(p Place) bool {
				_, o := now.In(location(t, p.Zone)).Zone()
				return o == offset
			}) {
				t.Errorf("nothing shows what %s shows on %s", n.place.Zone, now.Format(time.DateOnly))
			}
			if len(shown) > 12 {
				t.Errorf("%d examples for %s", len(shown), n.place.Zone)
			}
		}
	}
}

func TestCountries(t *testing.T) {
	for query, want := range map[string]string{
		"spain": "ES", "España": "ES", "es": "ES", "ESP": "ES", " Spain ": "ES", "UK": "GB", "gb": "GB", "England": "GB", "reino unido": "GB",
		"USA": "US", "u.s.a.": "US", "Estados Unidos": "US", "EE. UU.": "US", "EEUU": "US", "the united states": "US",
		"México": "MX", "mexico": "MX", "the netherlands": "NL", "los Países Bajos": "NL", "Holanda": "NL", "Brasil": "BR", "brazil": "BR",
		"Côte d’Ivoire": "CI", "costa de marfil": "CI", "south korea": "KR", "Corea del Sur": "KR", "el salvador": "SV",
		"Czech Republic": "CZ", "türkiye": "TR", "Turquía": "TR", "Hong Kong": "HK", "kosovo": "XK", "Deutschland": "DE",
		"NO": "NO", "Norway": "NO", "SI": "SI", "eslovenia": "SI",
		"no": "", "No": "", "si": "", "Sí": "", "": "", "zz": "", "Atlantis": "", "the": "", "London": "", "EU": "", "419": "",
	} {
		if code, ok := FindCountry(query); code != want || ok != (want != "") {
			t.Errorf("%q is %q %t, want %q", query, code, ok, want)
		}
	}
	for _, c := range [][3]string{
		{"ES", "en", "Spain"}, {"ES", "es", "España"}, {"es", "es-MX", "España"}, {"GB", "en-GB", "United Kingdom"}, {"DE", "fr", "Allemagne"},
		{"DE", "", "Germany"}, {"DE", "not a language", "Germany"}, {"DE", "tlh", "Germany"}, {"ZZ", "en", ""}, {"", "en", ""}, {"EU", "en", ""},
	} {
		if got := CountryName(c[0], c[1]); got != c[2] {
			t.Errorf("%s in %q is %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

// TestEveryCountry: each has a name in both languages, and each name leads back to it.
func TestEveryCountry(t *testing.T) {
	if n := len(countries().codes); n != 250 {
		t.Errorf("%d countries", n)
	}
	for code := range countries().codes {
		for _, lang := range []string{"en", "es"} {
			name := CountryName(code, lang)
			if back, ok := FindCountry(name); len(name) < 3 || !ok || back != code {
				t.Errorf("%s is %q in %s, which is %q", code, name, lang, back)
			}
		}
	}
}

package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"evenfall/adapters/telegram"
	"evenfall/adapters/web"
	"evenfall/storage/vault"
)

const (
	prefix     = "EVENFALL_"
	off        = "off"
	dataDir    = "./evenfall-data"
	discordAPI = "https://discord.com"
)

// settings are the same as flags and as environment variables.
type settings struct {
	Data              string `name:"data" env:"EVENFALL_DATA" placeholder:"FOLDER" help:"Folder of the database, made at the first start and closed to others. Default: ./evenfall-data."`
	TelegramToken     string `name:"telegram-token" env:"EVENFALL_TELEGRAM_TOKEN" placeholder:"TOKEN" help:"Switches Telegram on. The flag can be seen by others on this computer: better use the file."`
	TelegramTokenFile string `name:"telegram-token-file" env:"EVENFALL_TELEGRAM_TOKEN_FILE" placeholder:"FILE" help:"File with the token for Telegram."`
	TelegramAPI       string `name:"telegram-api" env:"EVENFALL_TELEGRAM_API" placeholder:"URL" help:"Base address of the Bot API. Default: https://api.telegram.org."`
	DiscordToken      string `name:"discord-token" env:"EVENFALL_DISCORD_TOKEN" placeholder:"TOKEN" help:"Switches Discord on. The flag can be seen by others on this computer: better use the file."`
	DiscordTokenFile  string `name:"discord-token-file" env:"EVENFALL_DISCORD_TOKEN_FILE" placeholder:"FILE" help:"File with the token for Discord."`
	DiscordAPI        string `name:"discord-api" env:"EVENFALL_DISCORD_API" placeholder:"URL" help:"Base address of Discord. Default: https://discord.com."`
	MasterKeyFile     string `name:"master-key-file" env:"EVENFALL_MASTER_KEY_FILE" placeholder:"FILE" help:"File of the key that opens the couples' keys, best kept outside the data folder. Default: master.key in it, made at the first start."`
	Web               string `name:"web" env:"EVENFALL_WEB" placeholder:"ADDRESS" help:"Address of the two-phone page, or off. Default: 127.0.0.1:8080 when no token is set, else off."`
	HTTP              string `name:"http" env:"EVENFALL_HTTP" placeholder:"ADDRESS" help:"Address of /healthz, /readyz and /metrics, or off; without a host, like :9090, for this computer only. Default: off."`
	Log               string `name:"log" env:"EVENFALL_LOG" placeholder:"LEVEL" help:"debug, info, warn or error. Default: info."`
}

// names are all settings of this version.
var names = []string{
	"EVENFALL_DATA", "EVENFALL_TELEGRAM_TOKEN", "EVENFALL_TELEGRAM_TOKEN_FILE", "EVENFALL_TELEGRAM_API",
	"EVENFALL_DISCORD_TOKEN", "EVENFALL_DISCORD_TOKEN_FILE", "EVENFALL_DISCORD_API", "EVENFALL_MASTER_KEY_FILE",
	"EVENFALL_WEB", "EVENFALL_HTTP", "EVENFALL_LOG",
}

// unknown tells of every variable that looks like a setting and is none: a misspelt
// one would otherwise be passed over in silence.
func unknown(environ []string) (wrong []string) {
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(names, name) {
			wrong = append(wrong, fmt.Sprintf("%s is not a setting; did you mean %s?", name, nearest(name, names)))
		}
	}
	return wrong
}

// nearest is the name with the fewest letters to change.
func nearest(name string, list []string) string {
	best, least := "", len(name)+len(prefix)*10
	for _, n := range list {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// complete fills in what was left open, reads the token files, and tells every value that cannot be.
// An empty value is one that was left open.
func (s *settings) complete() (wrong []string) {
	note := func(name string, err error) {
		if err != nil {
			wrong = append(wrong, name+": "+err.Error())
		}
	}
	var err error
	s.TelegramToken, err = token("EVENFALL_TELEGRAM_TOKEN", s.TelegramToken, s.TelegramTokenFile)
	note("EVENFALL_TELEGRAM_TOKEN_FILE", err)
	s.DiscordToken, err = token("EVENFALL_DISCORD_TOKEN", s.DiscordToken, s.DiscordTokenFile)
	note("EVENFALL_DISCORD_TOKEN_FILE", err)
	switch {
	case s.Web != "":
	case s.TelegramToken == "" && s.DiscordToken == "" && s.TelegramTokenFile == "" && s.DiscordTokenFile == "":
		s.Web = web.DefaultAddr
	default:
		s.Web = off
	}
	fill(&s.Data, dataDir)
	fill(&s.TelegramAPI, telegram.DefaultAPI)
	fill(&s.DiscordAPI, discordAPI)
	fill(&s.Log, "info")
	if s.TelegramToken != "" {
		_, err := telegram.New(telegram.Options{Token: s.TelegramToken})
		note("EVENFALL_TELEGRAM_TOKEN", err)
	}
	if s.DiscordToken != "" && !discordShape.MatchString(s.DiscordToken) {
		note("EVENFALL_DISCORD_TOKEN", errors.New("the token is not one: copy it from the Bot page of https://discord.com/developers/applications, without \"Bot\" before it"))
	}
	note("EVENFALL_TELEGRAM_API", checkAddress(s.TelegramAPI, telegram.DefaultAPI))
	note("EVENFALL_DISCORD_API", checkAddress(s.DiscordAPI, discordAPI))
	note("EVENFALL_WEB", checkPage(s.Web))
	s.HTTP, err = statusAddress(s.HTTP)
	note("EVENFALL_HTTP", err)
	_, err = level(s.Log)
	note("EVENFALL_LOG", err)
	return wrong
}

// idle says that nothing is switched on.
func (s *settings) idle() bool {
	return s.TelegramToken == "" && s.DiscordToken == "" && s.Web == off
}

// masterKey is where the master key is.
func (s *settings) masterKey() string {
	return cmp.Or(s.MasterKeyFile, filepath.Join(s.Data, vault.MasterFile))
}

func fill(value *string, otherwise string) {
	if *value == "" {
		*value = otherwise
	}
}

// token is the one that was given, or the one in the file.
func token(name, given, file string) (string, error) {
	given = strings.TrimSpace(given)
	if file == "" {
		return given, nil
	}
	if given != "" {
		return given, fmt.Errorf("%s is set too; set only one of them", name)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("the token cannot be read: %w", err)
	}
	given = strings.TrimSpace(string(raw))
	if given == "" {
		return "", fmt.Errorf("%s is empty", file)
	}
	return given, nil
}

var discordShape = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// checkAddress refuses what cannot be the base address of a platform. The value is
// not told: with a proxy before it, it may hold a password.
func checkAddress(address, like string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(address, "%") {
		return fmt.Errorf("the address must look like %s", like)
	}
	return nil
}

func checkPage(address string) error {
	if address == off {
		return nil
	}
	if _, err := web.New(web.Options{Addr: address}); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "web: "))
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has no port number; it must look like %s", address, web.DefaultAddr)
	}
	return nil
}

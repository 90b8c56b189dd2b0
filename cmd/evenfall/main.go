// Command evenfall runs the bot: it reads the settings, wires the parts of the
// house together and keeps them until it is told to stop. It is the only place that
// names concrete networks and stores.
//
//	settings ─► open the stores ─► adapters ─► bot ─► heartbeat, until SIGTERM
//
// There are up to two houses in one process, each with its own store and its own bot:
// the couples on Telegram and Discord, and the pretend couple of the two-phone page
// (demo.go). Nothing ever goes from one to the other.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes; scripts and service managers rely on them.
const (
	exitClean   = 0
	exitFailure = 1
	exitSetting = 2 // a person has to change a setting: there is no sense in starting again as it is
)

// line is what may be written after "evenfall".
type line struct {
	Settings settings    `embed:""`
	Run      struct{}    `cmd:"" default:"1" help:"Run the bot (the default). Without a token: a page with two pretend phones."`
	Doctor   struct{}    `cmd:"" help:"Look whether everything is well, and say what to do where it is not. Changes nothing."`
	Backup   backupLine  `cmd:"" help:"Copy the database and the keys, also while the bot is running."`
	Restore  restoreLine `cmd:"" help:"Make a data folder of such copies."`
	Rekey    rekeyLine   `cmd:"" help:"Make a new master key. The bot must not be running."`
	Version  struct{}    `cmd:"" help:"Print the version."`
}

func main() {
	if err := seclude(); err != nil {
		complain(os.Stderr, "this process cannot be closed to others: "+err.Error())
		os.Exit(exitFailure)
	}
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the whole program; it returns the exit code.
func run(args, environ []string, stdout, stderr io.Writer) int {
	var l line
	parser := kong.Must(&l, kong.Name("evenfall"), kong.Description("A chat bot for couples."), kong.Writers(stdout, stderr))
	wrong := unknown(environ)
	parsed, err := parser.Parse(args)
	if err != nil {
		return refuse(newBlank(stderr), append(wrong, err.Error()))
	}
	if parsed.Command() == "version" {
		fmt.Fprintln(stdout, version())
		return exitClean
	}
	wrong = append(wrong, l.Settings.complete()...)
	blank := newBlank(stderr, l.Settings.TelegramToken, l.Settings.DiscordToken)
	if parsed.Command() == "doctor" {
		return doctor(l.Settings, wrong, newBlank(stdout, l.Settings.TelegramToken, l.Settings.DiscordToken))
	}
	keep := map[string]func(context.Context, settings, io.Writer) error{"backup": l.Backup.do, "restore": l.Restore.do, "rekey": l.Rekey.do}
	if do := keep[strings.Fields(parsed.Command())[0]]; do != nil {
		if len(wrong) > 0 {
			return refuse(blank, wrong)
		}
		return end(blank, interruptible(func(ctx context.Context) error { return do(ctx, l.Settings, stdout) }))
	}
	if len(wrong) == 0 && l.Settings.idle() {
		wrong = []string{"nothing to run: set EVENFALL_TELEGRAM_TOKEN or EVENFALL_DISCORD_TOKEN, or do not switch EVENFALL_WEB off"}
	}
	if len(wrong) > 0 {
		return refuse(blank, wrong)
	}
	go dump(blank)
	return end(blank, serve(l.Settings, stdout, newLog(blank, stderr, l.Settings.Log)))
}

// end tells what went wrong, and returns the exit code.
func end(w io.Writer, err error) int {
	if err == nil {
		return exitClean
	}
	complain(w, err.Error())
	if errors.As(err, new(*settingError)) {
		return exitSetting
	}
	return exitFailure
}

// interruptible does something that a signal interrupts, and that tidies up then.
func interruptible(do func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return do(ctx)
}

// dump waits for SIGQUIT or SIGABRT, tells what every goroutine does, and ends the program. Go
// would do the same, but tell the arguments of every call too, and end with exitSetting.
func dump(w io.Writer) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGQUIT, syscall.SIGABRT)
	<-asked
	stacks := make([]byte, 4<<20)
	fmt.Fprintf(w, "evenfall: asked for a dump\n\n%s\n", stacks[:runtime.Stack(stacks, true)])
	os.Exit(exitFailure)
}

// refuse tells everything that is wrong with the settings, a line each.
func refuse(w io.Writer, wrong []string) int {
	for _, line := range wrong {
		complain(w, line)
	}
	return exitSetting
}

// complain writes one line for the operator, whatever it is made of.
func complain(w io.Writer, text string) {
	fmt.Fprintln(w, "evenfall: "+oneLine(text))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// settingError is a failure that only another setting mends.
type settingError struct{ error }

func (e *settingError) Unwrap() error { return e.error }

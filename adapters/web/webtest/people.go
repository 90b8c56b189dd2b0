package webtest

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// The functions below run in the page. visible is what a person could click.
const (
	visible = `const visible = (e) => e.checkVisibility() && e.getClientRects().length > 0;`
	// find is the newest button with the label in a log, or undefined.
	find = `const find = (log, label) => [...document.querySelectorAll('#log-' + log + ' .key')].filter((e) => e.textContent.trim() === label).at(-1);`
)

// Room is what the room shows, one line for each line of text and for each button.
func (p *Page) Room() string { p.t.Helper(); return p.log("room") }

// Nook is what the private chat on a person's phone shows; person is "ana" or "ben".
func (p *Page) Nook(person string) string { p.t.Helper(); return p.log(person) }

func (p *Page) log(place string) string {
	p.t.Helper()
	var text string
	p.Eval(&text, `(place) => [...document.querySelectorAll('#log-' + place + ' .msg')].map((m) => {
		const by = m.dataset.from ? m.querySelector('.by').textContent + ': ' : '';
		const keys = [...m.querySelectorAll('.row')].map((r) => [...r.children].map((k) => '[' + k.textContent + ']').join(' '));
		return [by + m.querySelector('.title').textContent, m.querySelector('.text').textContent, ...keys].filter(Boolean).join('\n');
	}).join('\n\n')`, place)
	return text
}

// WaitRoom waits until the room shows the words.
func (p *Page) WaitRoom(words string) { p.t.Helper(); p.wait("room", words, true) }

// WaitNook waits until a person's nook shows the words.
func (p *Page) WaitNook(person, words string) { p.t.Helper(); p.wait(person, words, true) }

// WaitGone waits until the room and both nooks show the words no more.
func (p *Page) WaitGone(words string) {
	p.t.Helper()
	for _, place := range []string{"room", "ana", "ben"} {
		p.wait(place, words, false)
	}
}

func (p *Page) wait(place, words string, there bool) {
	p.t.Helper()
	what := place + " shows " + words
	if !there {
		what = place + " no longer shows " + words
	}
	p.Until(what, `(place, words, there) => [...document.querySelectorAll('#log-' + place + ' .msg .bubble')].some((m) => m.innerText.includes(words)
		|| [...m.querySelectorAll('.text, .title')].some((e) => e.textContent.includes(words))) === there`, place, words, there)
}

// Become makes a person the one who taps in the room, with the switch above it.
func (p *Page) Become(person string) {
	p.t.Helper()
	p.Show("room")
	p.Do("becoming "+person, chromedp.Click(chromedp.CSS(".me ."+person+" input")))
	p.Until("you are "+person, `(id) => document.body.dataset.me === id`, person)
}

// Show turns a narrow window to the room or a person's phone. A wide one shows all three.
func (p *Page) Show(place string) {
	p.t.Helper()
	p.Eval(nil, `(place) => { `+visible+` const tab = document.querySelector('.tab[data-show="' + place + '"]'); if (visible(tab)) tab.click(); }`, place)
}

// Tap taps the newest button with the label in the room as the person, and returns
// the toast on that person's phone, "" for a silent tick.
func (p *Page) Tap(person, label string) string {
	p.t.Helper()
	p.Become(person)
	return p.tap("room", person, label)
}

// TapAlone taps the newest button with the label in the person's nook.
func (p *Page) TapAlone(person, label string) string {
	p.t.Helper()
	p.Show(person)
	return p.tap(person, person, label)
}

func (p *Page) tap(place, person, label string) string {
	p.t.Helper()
	p.Until("a button "+label+" in "+place, `(log, label) => { `+find+visible+` const e = find(log, label); return !!e && visible(e); }`, place, label)
	before := p.toasts(person)
	p.Eval(nil, `(log, label) => { `+find+` const e = find(log, label); e.scrollIntoView({ block: 'center' }); e.click(); }`, place, label)
	return p.told(person, before)
}

// toasts counts the toasts that a phone has shown.
func (p *Page) toasts(person string) (n int) {
	p.t.Helper()
	p.Eval(&n, `(id) => Number(document.getElementById('toast-' + id).dataset.count || 0)`, person)
	return n
}

// told waits until nothing is under way and returns the toast that came since.
func (p *Page) told(person string, before int) string {
	p.t.Helper()
	p.Until("the tap is through", `() => !Number(document.body.dataset.busy)`)
	if p.toasts(person) == before {
		return ""
	}
	return p.Toast(person)
}

// Toast is the toast that a person's phone shows now, or "".
func (p *Page) Toast(person string) string {
	p.t.Helper()
	var text string
	p.Eval(&text, `(id) => document.querySelector('#toast-' + id + ' .what')?.textContent || ''`, person)
	return text
}

// Fill writes words into the form that a button opened, sends it, and returns the toast.
func (p *Page) Fill(words string) string {
	p.t.Helper()
	p.Until("the form is open", `() => document.getElementById('form').open`)
	var person string
	p.Eval(&person, `() => document.getElementById('form').dataset.as`)
	before := p.toasts(person)
	p.Do("writing into the form", chromedp.SendKeys(chromedp.CSS("#form-words"), words), chromedp.Click(chromedp.CSS("#form .strong")))
	p.Until("the form is gone", `() => !document.getElementById('form').open`)
	return p.told(person, before)
}

// Say writes words in the room as the person and sends them. "/name" is a command.
func (p *Page) Say(person, words string) {
	p.t.Helper()
	p.Become(person)
	p.say("room", words)
}

// SayAlone writes words in the person's nook and sends them.
func (p *Page) SayAlone(person, words string) {
	p.t.Helper()
	p.Show(person)
	p.say(person, words)
}

func (p *Page) say(place, words string) {
	p.t.Helper()
	box := chromedp.CSS("#say-" + place)
	p.Do("writing", chromedp.SendKeys(box, words))
	p.Eval(nil, `(id) => { document.getElementById('commands-' + id).hidden = true; }`, place)
	p.Eval(nil, `(id) => document.getElementById('say-' + id).form.requestSubmit()`, place)
	p.Until("the words are sent", `(id) => !document.getElementById('say-' + id).value && !Number(document.body.dataset.busy)`, place)
}

// Clock is the house's clock as the page shows it: the day and the time.
func (p *Page) Clock() string {
	p.t.Helper()
	var text string
	p.Eval(&text, `() => document.querySelector('.now').innerText`)
	return strings.Join(strings.Fields(text), " ")
}

// Forward presses a button of the clock ("evening", "hour", "day", "week") and waits until
// the clock stands again. It returns what the page says of it, "" if all went well.
func (p *Page) Forward(button string) string {
	p.t.Helper()
	p.Do("moving the clock", chromedp.Click(chromedp.CSS(`[data-jump="`+button+`"]`)))
	p.Until("the clock stands", `() => !Number(document.body.dataset.busy) && !document.body.classList.contains('moving')`)
	var text string
	p.Eval(&text, `() => document.getElementById('state').textContent`)
	return text
}

// Language chooses the language of a person's phone, "en" or "es".
func (p *Page) Language(person, language string) {
	p.t.Helper()
	p.Show(person)
	p.Eval(nil, `(id, lang) => { const e = document.getElementById('tongue-' + id); e.value = lang; e.dispatchEvent(new Event('change', { bubbles: true })); }`, person, language)
	p.Until(person+"'s phone speaks "+language, `(id, lang) => document.querySelector('.side.' + id).lang === lang`, person, language)
}

// Rename gives a person another name.
func (p *Page) Rename(person, name string) {
	p.t.Helper()
	p.Show(person)
	p.Eval(nil, `(id, name) => { const e = document.getElementById('name-' + id); e.value = name; e.dispatchEvent(new Event('change', { bubbles: true })); }`, person, name)
	p.Until(person+" is called "+name, `(id, name) => document.querySelector('.me .' + id + ' span').textContent === name`, person, name)
}

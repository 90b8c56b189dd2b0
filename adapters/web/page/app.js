// The page with both phones. It shows what /events tells and posts what the two do;
// the adapter keeps everything. Words for people come from boot.words.
'use strict';

const $ = (id) => document.getElementById(id);
const each = (what, f, root = document) => root.querySelectorAll(what).forEach(f);
const make = (tag, name, text) => {
  const e = document.createElement(tag);
  if (name) e.className = name;
  if (text !== undefined) e.textContent = text;
  return e;
};

const boot = JSON.parse($('boot').textContent);
const people = new Map(boot.people.map((p) => [p.id, p]));
const places = ['ana', 'room', 'ben']; // the three columns; a person's is their nook
const shown = { ana: [], room: [], ben: [] }; // messages by place
let token = boot.token;
let me = recall('me') || 'ana';
let now = boot.now;

function recall(key) { try { return localStorage.getItem('evenfall.' + key); } catch { return null; } }
function remember(key, value) { try { localStorage.setItem('evenfall.' + key, value); } catch { /* a private window */ } }

// ——— words ———

// What both share speaks the language of whoever is "you"; a phone its owner's.
const tongue = (place) => people.get(place === 'room' ? me : place).locale || 'en';
const name = (id) => people.get(id).name;
function say(place, key, args = {}) {
  const words = boot.words[tongue(place)] || boot.words.en;
  return words[key].replace(/\{(\w+)\}/g, (_, arg) => args[arg]);
}
const placeOf = (e) => e.closest('[data-person]')?.dataset.person || 'room';
const chatOf = (place) => (place === 'room' ? 'room' : 'nook');
const actor = (place) => (place === 'room' ? me : place);

function relabel() {
  document.documentElement.lang = tongue('room');
  document.title = say('room', 'title');
  each('[data-person]', (e) => { e.lang = tongue(e.dataset.person); });
  const args = (e) => ({ name: name(actor(placeOf(e))) });
  each('[data-w]', (e) => { e.textContent = say(placeOf(e), e.dataset.w, args(e)); });
  each('[data-w-label]', (e) => e.setAttribute('aria-label', say(placeOf(e), e.dataset.wLabel, args(e))));
  each('[data-w-title]', (e) => { e.title = say(placeOf(e), e.dataset.wTitle); });
  each('[data-name]', (e) => { e.textContent = name(e.dataset.name); });
  each('[data-initial]', (e) => { e.textContent = [...name(e.dataset.initial)][0].toUpperCase(); });
  const both = { one: name('ana'), two: name('ben') };
  $('couple').textContent = say('room', 'room.couple', both);
  $('members').textContent = say('room', 'room.members', both);
  for (const place of places) {
    const side = document.querySelector(`[data-person="${place}"]`);
    const label = place === 'room' ? say('room', 'room.label') : say(place, 'phone.label', { name: name(place) });
    side.setAttribute('aria-label', label);
    $('log-' + place).setAttribute('aria-label', label);
    $('log-' + place).dataset.empty = say(place, place === 'room' ? 'room.empty' : 'nook.empty', { name: name(actor(place)) });
    const box = $('say-' + place);
    box.placeholder = place === 'room' ? say('room', 'say.room', { name: name(me) }) : say(place, 'say.nook');
    box.setAttribute('aria-label', box.placeholder);
    $('commands-' + place).setAttribute('aria-label', say(place, 'commands'));
    if (place === 'room') continue;
    if (document.activeElement !== $('name-' + place)) $('name-' + place).value = name(place);
    $('tongue-' + place).value = tongue(place);
  }
  places.forEach(days);
  each('.msg', (e) => { if (e.dataset.from) e.querySelector('.by').textContent = name(e.dataset.from); });
  tellTime();
}

// ——— time ———

// The house's clock, as wall time: the offset is dropped, so that no zone of this computer shifts it.
const wall = (stamp) => new Date(stamp.slice(0, 19) + 'Z');
const clockOf = (stamp) => stamp.slice(11, 16);
const dayOf = (stamp, place, form) => new Intl.DateTimeFormat(tongue(place),
  { weekday: form, day: 'numeric', month: form, timeZone: 'UTC' }).format(wall(stamp));

function tellTime(moving = document.body.classList.contains('moving')) {
  $('day').textContent = dayOf(now, 'room', 'short');
  $('time').textContent = clockOf(now);
  $('time').dateTime = now;
  document.body.classList.toggle('moving', moving);
  each('.jump', (e) => e.setAttribute('aria-disabled', moving));
}

function days(place) {
  let last = '';
  each('.msg', (e) => {
    const day = e.dataset.at.slice(0, 10);
    if (day === last) delete e.dataset.day;
    else e.dataset.day = dayOf(e.dataset.at, place, 'long');
    last = day;
  }, $('log-' + place));
}

// ——— messages ———

// Text with its web addresses as links. Nothing else in it is markup.
function fill(p, text) {
  if (p.dataset.text === text) return;
  p.dataset.text = text;
  p.replaceChildren(...text.split(/(https:\/\/[^\s<>"“”()]*[^\s<>"“”().,;:!?])/).map((part, i) => (i % 2 ? link(part, part) : part)));
}
function link(href, text) {
  const a = make('a', '', text);
  a.href = href;
  a.target = '_blank';
  a.rel = 'noopener noreferrer';
  return a;
}

function key(k) {
  const web = k.link?.startsWith('https://');
  const e = web ? link(k.link, k.label) : make('button', '', k.label);
  e.classList.add('key');
  if (!web) e.type = 'button';
  if ([...k.label].length <= 3) e.classList.add('short');
  e.dataset.key = JSON.stringify(k);
  return e;
}
// A key that did not change stays the same element, so that it keeps the focus.
// A file is saved, never opened here.
function file(box, f) {
  if (box.dataset.file === (f?.name || '')) return;
  box.dataset.file = f?.name || '';
  box.replaceChildren();
  if (!f) return;
  const a = make('a', '', f.name);
  a.href = `data:${f.type};base64,${f.data}`;
  a.download = f.name;
  box.append(a);
}

function keys(box, rows) {
  const want = JSON.stringify(rows);
  if (box.dataset.rows === want) return;
  box.dataset.rows = want;
  const had = new Map([...box.querySelectorAll('.key')].map((e) => [e.dataset.key, e]));
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const at = focused ? [...box.querySelectorAll('.key')].indexOf(focused) : -1;
  box.replaceChildren(...rows.map((row) => {
    const r = make('div', 'row');
    r.append(...row.map((k) => had.get(JSON.stringify(k)) || key(k)));
    return r;
  }));
  if (!focused) return;
  const all = box.querySelectorAll('.key');
  (box.contains(focused) ? focused : all[Math.min(at, all.length - 1)] || box.closest('.msg')).focus({ preventScroll: true });
}

function draw(m) {
  const e = make('article', 'msg ' + (m.from || 'bot'));
  e.tabIndex = -1;
  e.id = 'm' + m.id;
  e.dataset.at = m.at;
  e.dataset.from = m.from || '';
  const body = make('div', 'bubble');
  const head = make('p', 'head');
  head.append(make('span', 'by', m.from ? name(m.from) : 'Evenfall'), make('time', '', clockOf(m.at)));
  body.append(head, make('p', 'title'), make('p', 'text'), make('p', 'file'), make('div', 'keys'));
  e.append(body);
  return write(e, m);
}
function write(e, m) {
  fill(e.querySelector('.title'), m.page.title || '');
  fill(e.querySelector('.text'), m.page.text || '');
  file(e.querySelector('.file'), m.page.file);
  keys(e.querySelector('.keys'), m.page.buttons || []);
  return e;
}

const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
const toEnd = (place) => {
  const log = $('log-' + place);
  log.scrollTop = log.scrollHeight;
};

function message(chat, m) {
  const place = chat.replace('@', '');
  const log = $('log-' + place);
  const pinned = atEnd(log) || m.from === actor(place);
  const old = $('m' + m.id);
  if (old) {
    write(old, m);
    old.classList.remove('changed');
    void old.offsetWidth; // so that a second change shows too
    old.classList.add('changed');
  } else {
    log.append(draw(m));
    days(place);
    if (document.body.dataset.show !== place) document.querySelector(`.tab[data-show="${place}"] .dot`).hidden = false;
  }
  if (pinned) toEnd(place);
  else if (!old) document.querySelector(`[data-newer="${place}"]`).hidden = false;
}

function gone(chat, id) {
  $('m' + id)?.remove();
  days(chat.replace('@', ''));
}

function snapshot(s) {
  token = s.token;
  now = s.now;
  for (const p of s.people) people.set(p.id, p);
  for (const [chat, list] of Object.entries(s.chats)) {
    const place = chat.replace('@', '');
    const log = $('log-' + place);
    const there = new Set(list.map((m) => 'm' + m.id));
    each('.msg', (e) => { if (!there.has(e.id)) e.remove(); }, log);
    for (const m of list) log.append($('m' + m.id) ? write($('m' + m.id), m) : draw(m));
    toEnd(place);
  }
  relabel();
  tellTime(s.moving);
  document.body.dataset.ready = 'yes';
}

// ——— what the house tells ———

const tells = {
  snapshot,
  message: (u) => message(u.chat, u.message),
  gone: (u) => gone(u.chat, u.id),
  person: (u) => { people.set(u.person.id, u.person); relabel(); },
  toast: (u) => toast(u.id, u.text),
  clock: (u) => { now = u.now; tellTime(!!u.moving); },
};
const events = new EventSource('/events');
events.onmessage = (e) => { const u = JSON.parse(e.data); tells[u.kind](u); };
events.onopen = () => state('');
events.onerror = () => {
  state(say('room', 'offline'));
  if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
};
function state(text) { $('state').textContent = text; }

const fading = {};
function toast(id, text) {
  const box = $('toast-' + id);
  clearTimeout(fading[id]);
  const t = make('p', '');
  t.append(make('span', 'whose', name(id)), make('span', 'what', text));
  box.replaceChildren(t);
  box.dataset.count = Number(box.dataset.count || 0) + 1;
  fading[id] = setTimeout(() => box.replaceChildren(), 5000 + 60 * text.length);
}

// ——— what the two do ———

let busy = 0;
async function post(what, deed) {
  document.body.dataset.busy = ++busy;
  try {
    const res = await fetch('/' + what, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Evenfall-Token': token },
      body: JSON.stringify(deed),
    });
    return res.ok ? { status: res.status, ...(res.status === 204 ? {} : await res.json()) } : { status: res.status, failed: true };
  } catch {
    return { status: 0, failed: true };
  } finally {
    document.body.dataset.busy = --busy;
  }
}

// A deed of a person, and what they are told of it.
async function act(what, deed) {
  const answer = await post(what, deed);
  if (answer.failed) toast(deed.as, say(deed.as, 'failed'));
  else if (answer.late) toast(deed.as, say(deed.as, 'late'));
  else if (answer.toast) toast(deed.as, answer.toast);
  return !answer.failed;
}

async function press(e) {
  if (e.getAttribute('aria-busy')) return;
  const k = JSON.parse(e.dataset.key);
  const place = placeOf(e);
  const as = actor(place);
  const tap = { as, chat: chatOf(place), message: e.closest('.msg').id.slice(1), payload: k.payload };
  e.setAttribute('aria-busy', 'true');
  try {
    if (k.link) await follow(k.link, place, as);
    else if (k.words) await ask(k.label, tap);
    else if (await act('tap', tap)) pulse(e);
  } finally {
    e.removeAttribute('aria-busy');
  }
}
function pulse(e) {
  e.classList.remove('tapped');
  void e.offsetWidth;
  e.classList.add('tapped');
}

async function follow(to, place, as) {
  const rest = to.slice(to.indexOf(':') + 1);
  if (to.startsWith('nook:')) {
    if (rest) await act('tap', { as, chat: 'nook', payload: rest });
    pickUp(as);
  } else if (to.startsWith('invite:')) {
    // An invitation in a nook is for the other one; in the room for whoever taps it.
    const guest = place === 'room' ? as : places.find((p) => p !== 'room' && p !== place);
    await act('start', { as: guest, token: rest });
    pickUp(guest);
  } else if (to.startsWith('group:')) {
    await act('group', { as, token: rest });
    show('room');
  }
}

// pickUp turns to somebody's phone.
function pickUp(id) {
  show(id);
  $('say-' + id).focus();
}

function become(id) {
  const changed = me !== id;
  me = id;
  remember('me', id);
  document.body.dataset.me = id;
  document.querySelector(`input[name="me"][value="${id}"]`).checked = true;
  relabel();
  if (changed) state(say('room', 'me.now', { name: name(id) }));
}

function show(place) {
  document.body.dataset.show = place;
  each('.tab', (e) => {
    e.setAttribute('aria-pressed', e.dataset.show === place);
    if (e.dataset.show === place) e.querySelector('.dot').hidden = true;
  });
}

// ——— the form of a button that wants words ———

const form = $('form');
let asked = null;
function ask(label, tap) {
  $('form-title').textContent = label;
  $('form-hint').textContent = say(tap.as, 'form.hint', { name: name(tap.as) });
  $('form-wrong').textContent = '';
  $('form-words').value = '';
  form.lang = tongue(tap.as);
  form.dataset.as = tap.as;
  each('[data-w]', (e) => { e.textContent = say(tap.as, e.dataset.w); }, form);
  form.showModal();
  return new Promise((done) => { asked = { tap, done }; });
}
form.querySelector('form').addEventListener('submit', async (e) => {
  e.preventDefault();
  const text = $('form-words').value;
  if (!text.trim() || !asked) return;
  if (await act('tap', { ...asked.tap, text })) form.close();
  else $('form-wrong').textContent = say(asked.tap.as, 'failed');
});
form.addEventListener('close', () => { asked?.done(); asked = null; });
$('form-cancel').addEventListener('click', () => form.close());
$('form-words').addEventListener('keydown', (e) => {
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) form.querySelector('form').requestSubmit();
});

// ——— writing, with commands suggested after "/" ———

function grow(box) {
  box.style.height = 'auto';
  box.style.height = Math.min(box.scrollHeight, 140) + 'px';
}

function suggest(place) {
  const box = $('say-' + place);
  const list = $('commands-' + place);
  const typed = /^\/(\w*)$/.exec(box.value);
  const found = typed ? (boot.commands || []).filter((c) => c.Name.startsWith(typed[1].toLowerCase())) : [];
  list.replaceChildren(...found.map((c, i) => {
    const li = make('li', '');
    li.id = list.id + '-' + i;
    li.setAttribute('role', 'option');
    li.dataset.command = c.Name;
    li.append(make('b', '', '/' + c.Name), make('span', '', c.Description[tongue(place)] || c.Description.en));
    return li;
  }));
  list.hidden = found.length === 0;
  choose(place, 0);
}
function choose(place, at) {
  const list = $('commands-' + place);
  const all = [...list.children];
  all.forEach((li, i) => li.setAttribute('aria-selected', i === at));
  list.dataset.at = at;
  if (all[at]) {
    all[at].scrollIntoView({ block: 'nearest' });
    $('say-' + place).setAttribute('aria-activedescendant', all[at].id);
  } else $('say-' + place).removeAttribute('aria-activedescendant');
}

async function send(place) {
  const box = $('say-' + place);
  const text = box.value;
  if (!text.trim()) return;
  box.value = '';
  suggest(place);
  grow(box);
  if (!await act('say', { as: actor(place), chat: chatOf(place), text }) && !box.value) {
    box.value = text;
    grow(box);
  }
}

function typing(e, place) {
  const box = $('say-' + place);
  const list = $('commands-' + place);
  const at = Number(list.dataset.at);
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (!list.hidden && step) {
    e.preventDefault();
    choose(place, (at + step + list.children.length) % list.children.length);
  } else if (!list.hidden && e.key === 'Escape') {
    list.hidden = true;
  } else if (!list.hidden && e.key === 'Tab' && !e.shiftKey) {
    e.preventDefault();
    box.value = '/' + list.children[at].dataset.command + ' ';
    suggest(place);
  } else if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
    e.preventDefault();
    if (!list.hidden) box.value = '/' + list.children[at].dataset.command;
    send(place);
  }
}

for (const place of places) {
  const box = $('say-' + place);
  box.addEventListener('input', () => { grow(box); suggest(place); });
  box.addEventListener('keydown', (e) => typing(e, place));
  box.addEventListener('blur', () => { $('commands-' + place).hidden = true; });
  box.form.addEventListener('submit', (e) => { e.preventDefault(); send(place); });
  $('commands-' + place).addEventListener('pointerdown', (e) => {
    e.preventDefault(); // the box keeps the focus
    const li = e.target.closest('li');
    if (!li) return;
    box.value = '/' + li.dataset.command;
    send(place);
  });
  const log = $('log-' + place);
  const newer = document.querySelector(`[data-newer="${place}"]`);
  log.addEventListener('scroll', () => { if (atEnd(log)) newer.hidden = true; });
  log.addEventListener('click', (e) => { const k = e.target.closest('button.key'); if (k) press(k); });
  newer.addEventListener('click', () => { toEnd(place); newer.hidden = true; log.focus(); });
}

// ——— names, languages, clock, tabs ———

for (const id of people.keys()) {
  const box = $('name-' + id);
  box.addEventListener('change', () => {
    if (box.value.trim()) act('self', { as: id, name: box.value });
    else box.value = name(id);
  });
  box.addEventListener('keydown', (e) => { if (e.key === 'Enter') box.blur(); });
  $('tongue-' + id).addEventListener('change', (e) => act('self', { as: id, locale: e.target.value }));
}
each('input[name="me"]', (e) => e.addEventListener('change', () => become(e.value)));
each('.tab', (e) => e.addEventListener('click', () => { show(e.dataset.show); toEnd(e.dataset.show); }));
each('.toast', (e) => e.addEventListener('click', () => e.replaceChildren()));
document.addEventListener('keydown', (e) => {
  if (e.key === 'F2' && !form.open) { e.preventDefault(); become(me === 'ana' ? 'ben' : 'ana'); }
  if (e.key === 'Escape') each('.toast', (t) => t.replaceChildren());
});

$('jumps').hidden = !boot.clock;
document.querySelector('[data-jump="evening"]').hidden = !boot.evening;
each('.jump', (e) => e.addEventListener('click', async () => {
  if (e.getAttribute('aria-disabled') === 'true') return;
  state(say('room', 'clock.moving'));
  const answer = await post('forward', { as: me, text: e.dataset.jump });
  state(answer.failed ? say('room', 'jump.failed') : answer.status === 204 ? say('room', 'jump.nothing') : '');
}));

show('room');
become(me);

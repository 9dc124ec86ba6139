'use strict';
// Conveniences of a staff page; everything works without them.
(() => {
  const doc = document, page = doc.body.dataset, now = Date.now;
  const find = (s) => doc.querySelector(s), all = (s) => [...doc.querySelectorAll(s)];
  const on = (type, f) => doc.addEventListener(type, f);
  const [fresh, late, since] = (page.words || 'Live|Not live|for').split('|');
  let beat = now(), touch = beat, skew = 0, turns = 0, opened, stale, source;

  const note = doc.createElement('p');
  note.className = 'changed';
  note.setAttribute('role', 'status');
  find('main').before(note);

  const kept = (c) => c === doc.activeElement || c.edited || c.checked !== c.defaultChecked
    || (!c.options && c.value !== c.defaultValue);
  const busy = () => all('main :is(input,select,textarea)').some(kept);

  async function load(why) {
    if (!busy()) {
      const turn = ++turns;
      const r = await fetch(location, { headers: { 'Cauda-Fragment': 'main' }, cache: 'no-store' }).catch(() => 0);
      if (r.redirected) location = r.url;
      const html = r.ok && await r.text();
      if (r.redirected || turn !== turns) return;
      if (!html) { beat = now() - 13e3; return; } // Not live; the next beat tries again.
      if (!busy()) {
        // What somebody opened to read or to write stays open.
        const id = doc.activeElement.id, unfolded = all('main details[id][open]').map((d) => d.id);
        find('main').innerHTML = html;
        for (const d of unfolded) doc.getElementById(d)?.setAttribute('open', '');
        note.textContent = '';
        if (id) doc.getElementById(id)?.focus();
        return shown();
      }
    }
    note.innerHTML = why + ' Save what you entered first, or <a href="">load the changes without it</a>.';
  }
  const resync = () => load('Contact was lost for a while.');

  function connect() {
    source?.close();
    source = new EventSource(page.live);
    source.onopen = () => { if (opened) resync(); opened = true; };
    source.addEventListener('beat', (e) => {
      beat = now();
      skew = e.data > 0 ? e.data - beat : 0;
    });
    source.onmessage = (e) => {
      if ([JSON.parse(e.data).visit, '*'].includes(page.visit)) load('This visit was changed by somebody else.');
    };
  }

  // What is being entered goes along, and is offered again once the person is back.
  function lock() {
    const to = find('#lock'), open = all('main form').find((f) => [...f.elements].some(kept));
    const add = (name, value) => {
      const field = doc.createElement('input');
      [field.type, field.name, field.value] = ['hidden', name, value];
      to.append(field);
    };
    add('next', open ? new URL(open.action).pathname : location.pathname + location.search);
    for (const [name, value] of open ? new FormData(open) : []) add('kept.' + name, value);
    to.submit();
  }

  function tick() {
    const mark = find('.live'), gap = Math.round((now() - beat) / 1e3), was = stale;
    if (now() - touch > page.idle * 1e3) { touch = Infinity; lock(); }
    if (!source || !mark) return;
    stale = gap > 12;
    if (stale !== !!was) {
      mark.innerHTML = stale ? late + '<span aria-hidden="true"></span>' : fresh;
      mark.classList.toggle('stale', stale);
      if (was) resync();
    }
    if (stale) mark.lastChild.textContent = ` ${since} ${gap} s`;
    if (stale && gap % 9 === 0) connect();
  }

  function count() {
    for (const e of all('time[data-countdown]')) {
      const m = Math.floor((Date.parse(e.dateTime) - now() - skew) / 6e4), n = Math.abs(m);
      const length = n < 4320 ? (n < 100 ? '' : (n / 60 | 0) + ' h ') + (n < 100 ? n : n % 60) + ' min ' : (n / 1440 | 0) + ' days ';
      e.textContent = length + (m < 0 ? 'late' : 'left');
      e.closest('tr,.deadline')?.classList.toggle('late', m < 0);
    }
  }

  // What only works with this script is shown by it.
  function shown() {
    for (const p of all('main [hidden]')) p.hidden = false;
    count();
  }

  // Examination: one key fills a cell and goes on to the next.
  const cell = 'input.cell';
  const go = (c) => { c?.focus(); c?.select(); };
  on('focusin', ({ target: c }) => { if (c.matches(cell)) { c.was = c.value; c.select(); } });
  on('input', ({ target: c }) => {
    c.edited = !!c.options;
    const keys = c.dataset.keys, k = c.value.slice(-1).toUpperCase(), list = all(cell);
    if (!keys || !c.matches(cell)) return;
    const good = keys.includes(k);
    c.value = good ? k : c.was;
    find('#exam-status').textContent = good ? '' : `${k} is not used here; use ${[...keys].join(' ')}`;
    go(good && k ? list[list.indexOf(c) + 1] : c);
  });
  on('keydown', (e) => {
    touch = now();
    const c = e.target, form = c.form;
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) return form?.requestSubmit(form.querySelector('[type=submit]'));
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -2, ArrowDown: 2 }[e.key], list = all(cell);
    if (step && c.matches(cell)) { e.preventDefault(); go(list[list.indexOf(c) + step]); }
  });
  // Body map: a tap goes on to the next answer of the question that it is about.
  const draw = () => {
    for (const a of all('.bodymap a')) for (const mark of ['pain', 'numb']) {
      const list = answers(a.dataset[mark]), c = list.find((r) => r.checked);
      if (c) a.firstChild.classList.toggle(mark, list.indexOf(c) < list.length - 2);
    }
  };
  const answers = (name) => [...doc.getElementsByName(name)];
  on('click', (e) => {
    const pen = e.target.closest('[data-draw]'), a = e.target.closest('.bodymap a');
    if (pen) for (const p of all('[data-draw]')) p.setAttribute('aria-pressed', p === pen);
    if (!a) return;
    e.preventDefault();
    const mark = find('[data-draw][aria-pressed=true]').dataset.draw, { pain, numb } = a.dataset;
    const name = a.dataset[mark] || pain || numb, list = answers(name);
    const next = list.findIndex((r) => r.checked) + 1;
    for (const r of list) r.checked = false;
    // "No" and "not known" are answers to a question, and not to a picture.
    if (next < list.length - 2) list[next].checked = true;
    else a.firstChild.classList.remove(name === pain ? 'pain' : 'numb');
    draw();
  });
  on('change', draw);
  on('click', (e) => {
    const b = e.target.closest('[data-copy],[data-print]');
    if (!b) return;
    if (!b.dataset.copy) return print();
    getSelection().selectAllChildren(find(b.dataset.copy));
    // Unlike the clipboard API this works without TLS, as in some hospitals.
    if (doc.execCommand('copy')) b.textContent = 'Copied';
  });
  for (const type of ['pointerdown', 'wheel', 'input']) on(type, () => { touch = now(); });
  // A browser allows few lines to one place, so only a page that is seen holds one.
  on('visibilitychange', () => {
    if (!page.live) return;
    if (doc.hidden) { source?.close(); source = undefined; return; }
    beat = now();
    connect();
    resync();
  });
  if (page.live && !doc.hidden) connect();
  setInterval(tick, 1e3);
  setInterval(count, 15e3);
  shown();
})();

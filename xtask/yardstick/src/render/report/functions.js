// The functions of a benchmark and what they are gathered into: tables that are made when the page is opened.

const SHOWN = 25;
const SVG = 'http://www.w3.org/2000/svg';

// Columns: what they are called, what they are sorted by, and how a cell is made. `first` is the order of the first click.
const time = (ns) => element('td', { class: 'number' }, ns === 0 ? '–' : amount(ns, 'ns'));
const change = ([before, after]) => after - before;
const signedTime = (ns) => signed(amount(ns, 'ns'), ns);

const difference = (delta) => {
  const beyond = delta[4];
  const ns = change(delta);
  const [mark, name] = !beyond ? ['~', 'chance'] : ns > 0 ? ['▲', 'regressed'] : ['▼', 'improved'];
  return element('td', { class: `number${beyond ? '' : ' chance'}` },
    element('span', { class: `mark ${name}`, 'aria-hidden': 'true' }, mark),
    element('span', { class: 'hidden' }, beyond ? '' : 'within chance: '),
    ' ', element(beyond ? 'strong' : 'span', {}, signedTime(ns)));
};

// Both ends in one unit, that of the larger one.
const interval = ([, , lower, upper]) => {
  if (lower === null) return element('td', { class: 'number interval' }, 'not known');
  const steps = scales.ns;
  const size = Math.max(Math.abs(lower), Math.abs(upper));
  const [divisor, unit] = steps.find(([step]) => size >= step) || steps[steps.length - 1];
  const end = (ns) => signed(digits(ns / divisor), ns);
  return element('td', { class: 'number interval' }, `[${end(lower)}, ${end(upper)}] ${unit}`);
};

const bar = (delta, most) => {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('class', 'bar');
  picture.setAttribute('viewBox', '-50 0 100 10');
  picture.setAttribute('preserveAspectRatio', 'none');
  picture.setAttribute('aria-hidden', 'true');
  const width = most > 0 ? (50 * Math.abs(change(delta))) / most : 0;
  const rect = document.createElementNS(SVG, 'rect');
  rect.setAttribute('x', change(delta) < 0 ? -width : 0);
  rect.setAttribute('width', width);
  rect.setAttribute('height', 10);
  if (delta[4]) rect.setAttribute('class', change(delta) > 0 ? 'more' : 'less');
  const zero = document.createElementNS(SVG, 'line');
  for (const [key, value] of [['x1', 0], ['x2', 0], ['y1', 0], ['y2', 10]]) zero.setAttribute(key, value);
  picture.append(rect, zero);
  return element('td', {}, picture);
};

// The part of the CPU time's difference that a row explains, where that is beyond chance.
const explained = (row, cpu) => (cpu[4] && change(cpu) !== 0 ? change(row.own) / change(cpu) : undefined);
const share = (part) => (part === undefined ? '–' : `${part < 0 ? '−' : ''}${Math.abs(100 * part).toFixed(1)} %`);

const columnsOf = (noun, has, cpu, most) => [
  { name: noun, key: 'name', kind: 'text', value: (row) => row.name, cell: nameCell },
  has.crates && { name: 'Crate', key: 'crate', kind: 'text', value: (row) => row.crate, cell: (row) => element('td', {}, row.crate) },
  { name: 'Own before', key: 'before', value: (row) => row.own[0], cell: (row) => time(row.own[0]) },
  { name: 'Own after', key: 'after', value: (row) => row.own[1], cell: (row) => time(row.own[1]) },
  { name: 'Difference', key: 'own', value: (row) => change(row.own), cell: (row) => difference(row.own) },
  { name: '', cell: (row) => bar(row.own, most) },
  { name: '95 % interval', key: 'lower', value: (row) => row.own[2] ?? undefined, cell: (row) => interval(row.own) },
  cpu[4] && { name: 'Explains', key: 'explained', value: (row) => explained(row, cpu), cell: (row) => element('td', { class: 'number' }, share(explained(row, cpu))) },
  { name: 'Total difference', key: 'total', value: (row) => change(row.total), cell: (row) => difference(row.total) },
  has.presence && { name: 'Sides', key: 'presence', kind: 'text', value: (row) => row.presence, cell: (row) => element('td', {}, row.presence.startsWith('was ') ? 'renamed' : row.presence) },
].filter(Boolean);

const nameCell = (row) => {
  const cell = element('th', { scope: 'row', class: 'mono' });
  // It may break after the parts of a path.
  row.name.split(/(?<=::)/).forEach((part, index) => cell.append(...(index ? [element('wbr')] : []), part));
  if (row.presence?.startsWith('was ')) cell.append(element('span', { class: 'from' }, row.presence));
  return cell;
};

// One table: sorted, filtered, and only as long as somebody looks at it.
const functionTable = (noun, plural, rows, cpu, others) => {
  const most = Math.max(0, ...rows.map((row) => Math.abs(change(row.own))));
  const has = { crates: rows.some((row) => row.crate !== undefined), presence: rows.some((row) => row.presence) };
  const columns = columnsOf(noun, has, cpu, most);
  const state = { words: [], order: null, all: false };
  const body = element('tbody');
  const more = element('button', { type: 'button', class: 'more-rows scripted' });
  const heads = columns.map(({ name, key, kind }) =>
    key
      ? element('th', { scope: 'col', class: kind === 'text' ? undefined : 'number', 'data-sort': key, 'data-kind': kind || 'number', 'data-first': kind === 'text' ? 'ascending' : 'descending', 'aria-sort': 'none' }, name)
      : element('th', { scope: 'col' }, element('span', { class: 'hidden' }, 'Difference drawn')));
  const table = element('table', {},
    element('caption', {}, `Times per iteration. ▲ and ▼ are beyond chance, ~ is not.${cpu[4] ? ' Explains: its part of the difference in CPU time.' : ''}`),
    element('thead', {}, element('tr', {}, ...heads)), body);
  if (rows.length) table.append(element('tfoot', {}, sumRow(columns, cpu)));
  const draw = () => {
    const fitting = rows.filter((row) => state.words.every((word) => row.text.includes(word)));
    if (state.order) fitting.sort((a, b) => state.order.compare(state.order.value(a), state.order.value(b)));
    const shown = state.all ? fitting : fitting.slice(0, SHOWN);
    body.replaceChildren(...shown.map((row) => element('tr', {}, ...columns.map(({ cell }) => cell(row)))));
    if (others && others[0] && !state.words.length && shown.length === fitting.length) body.append(othersRow(columns, others));
    more.hidden = shown.length === fitting.length;
    more.textContent = `Show all ${counted(fitting.length, noun.toLowerCase())}`;
    return fitting.length;
  };
  sortable(table, (key, kind, direction) => {
    const { value } = columns.find((column) => column.key === key);
    state.order = { value, compare: compare(kind, direction) };
    draw();
  });
  more.addEventListener('click', () => {
    state.all = true;
    draw();
  });
  draw();
  const filterBy = (text) => {
    state.words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return draw();
  };
  const place = element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': plural }, table);
  return { parts: [place, more], filterBy, count: rows.length };
};

const othersRow = (columns, [count, before, after]) =>
  element('tr', { class: 'others' }, ...columns.map(({ key }) => {
    if (key === 'name') return element('th', { scope: 'row' }, `${counted(count, 'more function')} below 0.1 %`);
    const ns = { before, after, own: after - before }[key];
    return element('td', { class: 'number' }, ns === undefined ? '' : key === 'own' ? signedTime(ns) : amount(ns, 'ns'));
  }));

const sumRow = (columns, cpu) =>
  element('tr', {}, ...columns.map(({ key }) => {
    if (key === 'name') return element('th', { scope: 'row' }, 'CPU time, the sum of all own times');
    if (key === 'before') return time(cpu[0]);
    if (key === 'after') return time(cpu[1]);
    if (key === 'lower') return interval(cpu);
    return key === 'own' ? difference(cpu) : element('td');
  }));

const singular = { functions: 'Function', modules: 'Module', crates: 'Crate', layers: 'Layer', tasks: 'Task', threads: 'Thread' };

// The tabs and the filter over them.
const makeFunctions = (place) => {
  const told = JSON.parse(place.querySelector('script.rows').textContent);
  const { names } = data();
  const functions = told.functions.map(([name, crate, own, total, presence]) => {
    const row = { name: names[name], crate: names[crate], own, total, presence };
    return { ...row, text: `${row.name} ${row.crate} ${presence}`.toLowerCase() };
  });
  const grouped = told.groups.map(([plural, rows]) => [plural, rows.map(([name, own, total]) => ({ name: names[name], own, total, text: names[name].toLowerCase() }))]);
  const all = [['functions', functions], ...grouped].filter(([, rows]) => rows.length);
  const id = place.closest('article').id;
  const field = element('input', { type: 'search', id: `${id}/filter`, autocomplete: 'off', spellcheck: 'false' });
  const status = element('p', { class: 'shown', role: 'status' });
  const list = element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Gathered by' });
  const panel = element('div', { role: 'tabpanel', id: `${id}/panel` });
  const made = new Map();
  let current;
  const tableOf = (plural, rows) => {
    if (!made.has(plural)) made.set(plural, functionTable(singular[plural], plural, rows, told.cpu, plural === 'functions' && told.others));
    return made.get(plural);
  };
  const refresh = () => {
    const shown = current.filterBy(field.value);
    status.textContent = shown === current.count ? `${current.count} in all` : `${shown} of ${current.count}`;
  };
  const tabs = all.map(([plural, rows]) => {
    const tab = element('button', { type: 'button', role: 'tab', id: `${id}/${plural}`, 'aria-controls': panel.id }, singular[plural] + 's');
    tab.addEventListener('click', () => select(tab, plural, rows));
    list.append(tab);
    return tab;
  });
  const select = (tab, plural, rows) => {
    for (const one of tabs) {
      one.setAttribute('aria-selected', String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', tab.id);
    current = tableOf(plural, rows);
    panel.replaceChildren(...current.parts);
    refresh();
  };
  list.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
  field.addEventListener('input', refresh);
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    field.value = '';
    refresh();
  });
  place.append(
    element('div', { class: 'controls scripted' }, list,
      element('div', { class: 'search' }, element('label', { for: field.id }, 'Filter ', element('kbd', {}, '/')), field), status),
    panel);
  tabs[0]?.click();
};

// Everything of a page that is made when it is opened.
const makePage = (page) => {
  if (page.dataset.made) return;
  page.dataset.made = 'yes';
  for (const place of page.querySelectorAll('.pictured')) {
    const container = place.querySelector('.flame[data-label]');
    mountFlame(container, { ...JSON.parse(place.querySelector('script.tree').textContent), names: data().frames }, { label: container.dataset.label });
  }
  for (const place of page.querySelectorAll('.functions')) makeFunctions(place);
};

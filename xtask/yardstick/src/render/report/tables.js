// Tables whose rows can be sorted, and the filter of the verdicts.

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, '');
    else if (value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

// Absent numbers are last either way.
const compare = (kind, direction) => (a, b) => {
  if (kind === 'text') return direction * a.localeCompare(b, 'en', { numeric: true });
  const [missingA, missingB] = [a === undefined, b === undefined];
  if (missingA || missingB) return missingA - missingB;
  return direction * (a - b);
};

// Turns the heads of a table into buttons. `sort` gets the column, its kind, and 1 or -1.
const sortable = (table, sort) => {
  const heads = [...table.querySelectorAll('thead [data-sort]')];
  for (const head of heads) {
    const button = element('button', { type: 'button' });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const first = head.dataset.first || 'ascending';
      const other = first === 'ascending' ? 'descending' : 'ascending';
      const next = head.getAttribute('aria-sort') === first ? other : first;
      for (const one of heads) one.setAttribute('aria-sort', one === head ? next : 'none');
      sort(head.dataset.sort, head.dataset.kind, next === 'ascending' ? 1 : -1);
    });
  }
};

const verdicts = document.getElementById('table');
const filter = document.getElementById('filter');

if (verdicts) {
  const body = verdicts.tBodies[0];
  // What the field says that it filters by.
  const sayable = (row) => [...row.querySelectorAll('.suite, .id, .verdict')].map((cell) => cell.textContent).join(' ').toLowerCase();
  const rows = [...body.rows].map((row) => ({ row, text: sayable(row) }));
  const chips = [...document.querySelectorAll('.chips [data-verdict]')];

  const value = (row, key, kind) => {
    const text = row.dataset[key];
    if (kind === 'text') return text || '';
    return text === undefined ? undefined : Number(text);
  };
  sortable(verdicts, (key, kind, direction) => {
    const order = compare(kind, direction);
    rows.sort((a, b) => order(value(a.row, key, kind), value(b.row, key, kind)));
    body.append(...rows.map(({ row }) => row));
  });

  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pressed = chips.filter((chip) => chip.getAttribute('aria-pressed') === 'true');
    const wanted = new Set(pressed.map((chip) => chip.dataset.verdict));
    let shown = 0;
    for (const { row, text } of rows) {
      const fits = words.every((word) => text.includes(word)) && (wanted.size === 0 || wanted.has(row.dataset.look));
      row.hidden = !fits;
      shown += fits;
    }
    const all = counted(rows.length, 'answer');
    document.getElementById('shown').textContent = shown === rows.length ? all : `${shown} of ${all}`;
    document.getElementById('none-shown').hidden = shown > 0;
  };
  filter.addEventListener('input', show);
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') !== 'true'));
      show();
    });
  }
  filter.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    filter.value = '';
    for (const chip of chips) chip.setAttribute('aria-pressed', 'false');
    show();
  });
  // The link in the row is what keyboards and readers use; the rest of the row is only a larger target.
  body.addEventListener('click', (event) => {
    if (event.target.closest('a') || String(getSelection())) return;
    event.target.closest('tr')?.querySelector('a')?.click();
  });
}

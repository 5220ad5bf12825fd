// What is made only when it is looked at.

let parsed;
const data = () => (parsed ??= JSON.parse(document.getElementById('data').textContent));

// As the rest of the report writes them: four significant digits, and a real minus.
const digits = (value) => {
  const size = Math.abs(value);
  const text = size.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
  return value < 0 ? `−${text}` : text;
};
const scales = {
  ns: [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']],
  B: [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB'], [1, 'B']],
  '%': [[1, '%']],
};
const amount = (value, unit) => {
  if (value === null || value === undefined) return '–';
  const steps = scales[unit];
  const [divisor, name] = steps.find(([step]) => Math.abs(value) >= step) || steps[steps.length - 1];
  return `${digits(value / divisor)} ${name}`;
};
const signed = (text, value) => (value > 0 ? `+${text}` : text);
const percent = (ratio) => {
  const value = ratio * 100;
  const text = Math.abs(value).toFixed(Math.abs(value) < 99.95 ? 1 : 0);
  if (Number(text) === 0) return `${text} %`;
  return `${value < 0 ? '−' : '+'}${text} %`;
};

const makeRounds = (details) => {
  if (details.dataset.made) return;
  details.dataset.made = 'yes';
  const { by, unit, points } = data().courses[details.dataset.course];
  const [before, after] = data().sides;
  const head = (text, number) => element('th', { scope: 'col', class: number && 'number' }, text);
  const number = (text) => element('td', { class: 'number' }, text);
  const rows = points.map(([round, was, is, ratio, remark]) =>
    element('tr', {},
      element('th', { scope: 'row', class: 'number' }, String(round)),
      number(amount(was, unit)), number(amount(is, unit)),
      number(ratio === null ? '–' : percent(Math.expm1(ratio))),
      element('td', {}, remark)));
  const table = element('table', { class: 'small' },
    element('caption', {}, `Every round by the ${by} of a process`),
    element('thead', {}, element('tr', {},
      head('round', true), head(before, true), head(after, true), head('change', true), head('remark'))),
    element('tbody', {}, ...rows));
  details.append(element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Rounds' }, table));
};

for (const details of document.querySelectorAll('details.rounds')) {
  details.addEventListener('toggle', () => details.open && makeRounds(details));
}

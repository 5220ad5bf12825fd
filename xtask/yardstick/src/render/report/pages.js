// One page at a time: the overview, or the benchmark that the address names. Keys and theme.

const root = document.documentElement;
const overview = document.getElementById('overview');
const pages = [...document.querySelectorAll('.benchmark')];
const title = document.title;
let leftAt = 0;

// The pages in the order in which the table shows them now.
const inOrder = () => {
  const links = verdicts ? [...verdicts.querySelectorAll('tbody tr:not([hidden]) a')] : [];
  const ids = [...new Set(links.map((link) => link.getAttribute('href').slice(1)))];
  return ids.map((id) => document.getElementById(id));
};

const route = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id ? document.getElementById(id) : null;
  const page = target?.closest('.benchmark') ?? null;
  const wasAway = overview.classList.contains('away');
  if (page && !wasAway) leftAt = scrollY;
  for (const one of pages) one.classList.toggle('open', one === page);
  overview.classList.toggle('away', page !== null);
  document.title = page ? `${page.querySelector('h2').textContent} · ${title}` : title;
  if (page) {
    makePage(page);
    const order = inOrder();
    const position = order.indexOf(page);
    page.querySelector('.previous').disabled = position <= 0;
    page.querySelector('.next').disabled = position === order.length - 1;
    scrollTo(0, 0);
    page.focus({ preventScroll: true });
  } else if (target) {
    if (wasAway && id === 'verdicts') scrollTo(0, leftAt);
    else target.scrollIntoView();
    target.focus({ preventScroll: true });
  }
};

const turn = (page, by) => {
  const order = inOrder();
  const next = order[order.indexOf(page) + by];
  if (next) location.hash = next.id;
};
for (const page of pages) {
  page.querySelector('.previous').addEventListener('click', () => turn(page, -1));
  page.querySelector('.next').addEventListener('click', () => turn(page, 1));
}
addEventListener('hashchange', route);

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const types = event.target.closest?.('input, select, textarea');
  if (event.key === '/' && !types) {
    const field = [...document.querySelectorAll('.search input')].find((input) => input.checkVisibility());
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  }
  if (event.key === 'Escape' && !types && !event.target.closest?.('.flame') && overview.classList.contains('away')) location.hash = 'verdicts';
});

const theme = document.getElementById('theme');
const themes = [['', 'as the system'], ['light', 'light'], ['dark', 'dark']];
const nameTheme = () => {
  const [, name] = themes.find(([key]) => key === (root.dataset.theme ?? ''));
  theme.textContent = `Theme: ${name}`;
};
theme.addEventListener('click', () => {
  const at = themes.findIndex(([key]) => key === (root.dataset.theme ?? ''));
  const [key] = themes[(at + 1) % themes.length];
  if (key) root.dataset.theme = key;
  else delete root.dataset.theme;
  try {
    if (key) localStorage.setItem('yardstick-theme', key);
    else localStorage.removeItem('yardstick-theme');
  } catch {
    // It holds until the page is closed.
  }
  nameTheme();
});

// On paper everything is open, at the width of paper. What was not looked at yet is made now.
addEventListener('beforeprint', () => {
  root.classList.add('printing');
  for (const page of pages) makePage(page);
  for (const details of document.querySelectorAll('details.rounds')) makeRounds(details);
});
addEventListener('afterprint', () => root.classList.remove('printing'));

nameTheme();
route();
root.dataset.ready = String(Math.round(performance.now()));

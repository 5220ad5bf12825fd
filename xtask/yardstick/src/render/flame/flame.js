// The flame graph of a difference, live: one source for the SVG file and for the report.
//
//   const flame = mountFlame(container, data, options)
//
// container  An empty HTML element of class `flame`. It gets the controls, a line of details and the picture, as wide
//            as it is, and follows its width. Where it is hidden, the picture is drawn once it shows.
// data       What `render::flame::data` gives, parsed:
//              ns     [before, after]: the time of everything, in ns per iteration
//              names  [[whole, short, shortest], …]: every name once, in the forms that labels take
//              nodes  [[depth, name, before, after, lower, upper, tint, mark], …]: the call tree, each frame before
//                     what it calls, everything (depth 0) first. `name` is an index into names; before, after and the
//                     ends of the 95 % interval of their difference are ns per iteration (null where there is none);
//                     tint is −4 to 4, by the frame's part of the change, and 0 is within chance; mark is 0, 1 (new)
//                     or 2 (gone).
// options    view      'after' (widths after; what is wanted where nothing is said) or 'before' (widths before, which
//                      show what is gone). 'difference' is 'after': colours show the difference in either view.
//            keys      the target whose keys are listened to; the container where nothing is said.
//            label     the accessible name of the picture.
// returns    show(view), find(text), reset(), and unmount(), which leaves the container empty.
//
// Colours are the custom properties of the style beside this file; they follow the `color-scheme` of the container.
// Keys: / or Ctrl-F search, arrows walk (parent, child, siblings), Enter zooms, Escape shows everything again.
'use strict';
function mountFlame(container, data, options = {}) {
  const SVG = 'http://www.w3.org/2000/svg';
  const ROW = 18, GAP = 1, NARROWEST = 0.5, INSET = 4;
  const DEPTH = 0, NAME = 1, BEFORE = 2, AFTER = 3, LOWER = 4, UPPER = 5, TINT = 6, MARK = 7;
  const HINT = 'Click a frame to zoom, / to search, arrow keys to walk, Escape to see everything again.';
  const nodes = data.nodes;
  const tree = relate(nodes);
  const layouts = { before: lay(BEFORE), after: lay(AFTER) };
  const state = { view: options.view === 'before' ? 'before' : 'after', zoom: 0, focus: 0, query: '' };
  const shown = new Set(), rects = new Array(nodes.length), numbers = new Map();
  let matches = null, columns = 6.6;

  const html = (name, attributes, ...children) => make('http://www.w3.org/1999/xhtml', name, attributes, children);
  const svg = (name, attributes, ...children) => make(SVG, name, attributes, children);

  mountFlame.mounted = (mountFlame.mounted || 0) + 1;
  const hatch = `flame-hatch-${mountFlame.mounted}`;
  const views = ['after', 'before'].map((view) =>
    html('button', { type: 'button', 'data-view': view }, `${view}: ${time(data.ns[view === 'before' ? 0 : 1])}`));
  const search = html('input', {
    type: 'search', placeholder: 'search  ( / )', 'aria-label': 'search frames by name', spellcheck: 'false',
    autocomplete: 'off',
  });
  const matched = html('output', { class: 'flame-matched' });
  const whole = html('button', { type: 'button', disabled: '' }, 'show everything');
  const detail = html('div', { class: 'flame-detail' }, HINT);
  const frames = svg('g', { role: 'tree', 'aria-label': options.label || 'call tree, callers above what they call' });
  const labels = svg('g', { class: 'flame-labels', 'aria-hidden': 'true' });
  const picture = svg('svg', { class: 'flame-picture', height: String(ROW) },
    svg('defs', {}, svg('pattern', { id: hatch, width: '6', height: '6', patternUnits: 'userSpaceOnUse',
      patternTransform: 'rotate(45)' }, svg('rect', { class: 'flame-line', width: '1.5', height: '6' }))),
    frames, labels);
  const template = svg('rect', { role: 'treeitem', tabindex: '-1', height: String(ROW - GAP), rx: '2' });
  const bar = html('div', { class: 'flame-bar' },
    html('span', { class: 'flame-views', role: 'group', 'aria-label': 'widths' }, ...views), search, matched, whole);
  container.replaceChildren(bar, detail, picture);

  // Who is whose parent, and where each subtree ends.
  function relate(nodes) {
    const parent = new Int32Array(nodes.length).fill(-1);
    const end = new Int32Array(nodes.length).fill(nodes.length);
    const path = [];
    nodes.forEach((node, at) => {
      while (path.length > node[DEPTH]) end[path.pop()] = at;
      if (path.length) parent[at] = path[path.length - 1];
      path.push(at);
    });
    return { parent, end };
  }

  // Where each frame lies on one side, in parts of everything. What was left out is room at its caller's right end.
  function lay(side) {
    const start = new Float64Array(nodes.length), width = new Float64Array(nodes.length);
    const filled = new Float64Array(nodes.length);
    const everything = nodes.length ? nodes[0][side] : 0;
    nodes.forEach((node, at) => {
      const parent = tree.parent[at];
      const part = everything > 0 ? node[side] / everything : 0;
      start[at] = parent < 0 ? 0 : filled[parent];
      // Rounded numbers may be a hair wider than their caller.
      const room = parent < 0 ? 1 : Math.max(0, start[parent] + width[parent] - start[at]);
      width[at] = Math.min(part, room);
      filled[at] = start[at];
      if (parent >= 0) filled[parent] += width[at];
    });
    return { start, width };
  }

  function draw() {
    const layout = layouts[state.view];
    // What is not there in this view cannot fill it.
    let zoom = state.zoom;
    while (zoom > 0 && !(layout.width[zoom] > 0)) zoom = tree.parent[zoom];
    const full = container.clientWidth;
    if (!(full > 0) || !nodes.length) return;
    const had_focus = frames.contains(document.activeElement);
    const scale = layout.width[zoom] > 0 ? full / layout.width[zoom] : 0;
    const before = new Set(shown);
    let deepest = 0;
    shown.clear();
    const over = document.createDocumentFragment();
    const put = (at, x, width, extra) => {
      place(at, x, width, extra, over);
      deepest = Math.max(deepest, nodes[at][DEPTH]);
    };
    for (let at = tree.parent[zoom]; at >= 0; at = tree.parent[at]) put(at, 0, full, ' flame-above');
    for (let at = zoom; at < tree.end[zoom];) {
      const width = layout.width[at] * scale;
      if (width < NARROWEST) at = tree.end[at];
      else {
        put(at, (layout.start[at] - layout.start[zoom]) * scale, width, '');
        at += 1;
      }
    }
    for (const at of before) if (!shown.has(at)) rects[at].remove();
    const fresh = document.createDocumentFragment();
    for (const at of shown) if (!before.has(at)) fresh.append(rects[at]);
    frames.append(fresh);
    labels.replaceChildren(over);
    picture.setAttribute('width', String(full));
    picture.setAttribute('height', String((deepest + 1) * ROW));
    let focused = state.focus;
    while (!shown.has(focused)) focused = Math.max(0, tree.parent[focused]);
    mark_focus(focused);
    if (had_focus) rects[focused].focus({ preventScroll: true });
    whole.disabled = state.zoom === 0 && !state.query;
    for (const button of views) button.setAttribute('aria-pressed', String(button.dataset.view === state.view));
  }

  // Frames are made once and moved: a change of the view costs what changes in it.
  function place(at, x, width, extra, over) {
    const node = nodes[at], rect = rects[at] || (rects[at] = frame(at));
    const left = x.toFixed(2), top = String(node[DEPTH] * ROW), drawn = Math.max(width - GAP, NARROWEST).toFixed(2);
    const found = !matches ? '' : matches.has(at) ? ' flame-found' : ' flame-other';
    set(rect, 'class', `flame-frame ${tint(node)}${extra}${found}`);
    set(rect, 'x', left);
    set(rect, 'y', top);
    set(rect, 'width', drawn);
    if (node[MARK]) {
      over.append(svg('rect', { x: left, y: top, width: drawn, height: String(ROW - GAP), rx: '2', fill: `url(#${hatch})` }));
    }
    const words = label(at, Math.floor((width - GAP - 2 * INSET) / columns));
    if (words) over.append(svg('text', { x: String(x + INSET), y: String(node[DEPTH] * ROW + 12.5) }, words));
    shown.add(at);
  }

  function set(element, attribute, value) {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  }

  function frame(at) {
    const rect = template.cloneNode();
    rect.setAttribute('aria-level', String(nodes[at][DEPTH] + 1));
    rect.setAttribute('aria-label', data.names[nodes[at][NAME]][0]);
    numbers.set(rect, at);
    return rect;
  }

  function tint(node) {
    if (node[TINT] === 0) return 'flame-chance';
    return node[TINT] > 0 ? `flame-more-${node[TINT]}` : `flame-less-${-node[TINT]}`;
  }

  // What stands before a name, so that nothing is told by colour alone. What is called by something new is known to be
  // new.
  function prefix(at) {
    const node = nodes[at];
    if (!node[MARK]) return node[TINT] > 0 ? '▲ ' : node[TINT] < 0 ? '▼ ' : '';
    const is_first = node[MARK] !== nodes[tree.parent[at]][MARK];
    return is_first ? ['', 'new · ', 'gone · '][node[MARK]] : '';
  }

  // The longest form of the name that fits, with its mark where there is room for both.
  function label(at, room) {
    const forms = data.names[nodes[at][NAME]], mark = prefix(at);
    const fits = forms.find((form) => cells(mark + form) <= room) || forms.find((form) => cells(form) <= room);
    if (fits !== undefined) return cells(mark + fits) <= room ? mark + fits : fits;
    const shortest = [...forms[forms.length - 1]];
    if (room < 4) return '';
    while (shortest.length && cells(shortest.join('')) > room - 1) shortest.pop();
    return `${shortest.join('')}…`;
  }

  // Letters outside of Latin may be twice as wide.
  function cells(text) {
    let sum = 0;
    for (const letter of text) sum += letter.codePointAt(0) < 0x1100 || '…▲▼'.includes(letter) ? 1 : 2;
    return sum;
  }

  function describe(at, separator) {
    const node = nodes[at], difference = node[AFTER] - node[BEFORE];
    const share = (ns, all) => (all > 0 ? `${(100 * ns / all).toFixed(1)} %` : '–');
    const parts = [
      data.names[node[NAME]][0],
      `${time(node[BEFORE])} → ${time(node[AFTER])} per iteration (${share(node[BEFORE], data.ns[0])} → ${
        share(node[AFTER], data.ns[1])})`,
      signed(difference) + interval(node) + (node[TINT] === 0 ? ', within chance' : ''),
    ];
    if (node[MARK]) parts.push(['', 'new: not there before', 'gone: not there after'][node[MARK]]);
    return parts.join(separator);
  }

  function interval(node) {
    if (node[LOWER] === null || node[UPPER] === null) return ', without an interval';
    return ` [${signed(node[LOWER])}, ${signed(node[UPPER])}]`;
  }

  // Four significant digits in the unit that suits the size.
  function time(ns) {
    const [divisor, unit] = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']].find(([size]) => Math.abs(ns) >= size)
      || [1, 'ns'];
    const value = Math.abs(ns) / divisor;
    return `${value.toFixed(value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3)} ${unit}`;
  }

  function signed(ns) {
    return (ns < 0 ? '−' : '+') + time(ns);
  }

  function find(text) {
    state.query = text.trim();
    const wanted = state.query.toLowerCase();
    matches = null;
    if (wanted) {
      const named = data.names.map((forms) => forms[0].toLowerCase().includes(wanted));
      matches = new Set();
      nodes.forEach((node, at) => at > 0 && named[node[NAME]] && matches.add(at));
    }
    if (search.value.trim() !== state.query) search.value = text;
    matched.textContent = matches ? summary() : '';
    draw();
  }

  // What is found below what is found counts once.
  function summary() {
    const sums = [0, 0];
    for (let at = 0; at < nodes.length;) {
      if (matches.has(at)) {
        sums[0] += nodes[at][BEFORE];
        sums[1] += nodes[at][AFTER];
        at = tree.end[at];
      } else at += 1;
    }
    const share = (side) => (data.ns[side] > 0 ? `${(100 * sums[side] / data.ns[side]).toFixed(1)} %` : '–');
    const count = matches.size === 1 ? '1 frame' : `${matches.size} frames`;
    return matches.size ? `${count}: ${share(0)} → ${share(1)} of the time` : 'no frame';
  }

  function zoom(at) {
    state.zoom = state.focus = at;
    draw();
  }

  function show(view) {
    state.view = view === 'before' ? 'before' : 'after';
    draw();
  }

  function reset() {
    state.zoom = 0;
    find('');
  }

  // Only one frame is on the way of the Tab key.
  function mark_focus(at) {
    rects[state.focus]?.setAttribute('tabindex', '-1');
    rects[at].setAttribute('tabindex', '0');
    state.focus = at;
  }

  function focus(at) {
    if (!shown.has(at)) return;
    mark_focus(at);
    rects[at].focus();
  }

  // The neighbour in a direction: the caller, the widest callee, or a sibling that is drawn.
  function neighbour(at, key) {
    if (key === 'ArrowUp') return tree.parent[at];
    if (key === 'Home') return 0;
    const { width } = layouts[state.view];
    const children = (of) => [...shown].filter((other) => tree.parent[other] === of).sort((a, b) => a - b);
    if (key === 'ArrowDown') return children(at).reduce((best, next) => (width[next] > (width[best] || 0) ? next : best), -1);
    const siblings = children(tree.parent[at]);
    return siblings[siblings.indexOf(at) + (key === 'ArrowLeft' ? -1 : 1)] ?? -1;
  }

  function on_key(event) {
    const typing = event.target === search;
    const wants_search = event.key === '/' || (event.key === 'f' && (event.ctrlKey || event.metaKey));
    if (event.key === 'Escape') {
      reset();
      if (typing) focus(state.focus);
    } else if (wants_search && !typing && !event.target.matches?.('input, textarea, select')) {
      search.focus();
      search.select();
    } else if (frames.contains(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (event.key === 'Enter' || event.key === ' ') zoom(state.focus);
      else if (/^Arrow|^Home$/.test(event.key)) focus(neighbour(state.focus, event.key));
      else return;
    } else return;
    event.preventDefault();
  }

  // What a frame says is written when it is asked.
  const tell = (event) => {
    const at = numbers.get(event.target);
    detail.textContent = at === undefined ? HINT : describe(at, '  ·  ');
    if (at !== undefined && !event.target.firstChild) event.target.append(svg('title', {}, describe(at, '\n')));
  };
  frames.addEventListener('click', (event) => zoom(numbers.get(event.target)));
  picture.addEventListener('mouseover', tell);
  frames.addEventListener('focusin', (event) => {
    mark_focus(numbers.get(event.target));
    tell(event);
  });
  search.addEventListener('input', () => find(search.value));
  whole.addEventListener('click', reset);
  for (const button of views) button.addEventListener('click', () => show(button.dataset.view));
  const keys = options.keys || container;
  keys.addEventListener('keydown', on_key);
  const ruler = svg('text', { class: 'flame-ruler' }, 'm'.repeat(20));
  let last = 0;
  const observer = new ResizeObserver(() => {
    if (container.clientWidth === last) return;
    last = container.clientWidth;
    picture.append(ruler);
    columns = ruler.getComputedTextLength() / 20 || columns;
    ruler.remove();
    draw();
  });
  observer.observe(container);
  draw();

  function make(namespace, name, attributes, children) {
    const element = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function unmount() {
    observer.disconnect();
    keys.removeEventListener('keydown', on_key);
    container.replaceChildren();
  }

  return { show, find, reset, unmount };
}

// Makes the picture of an SVG file live: the component takes the place of the frames that were drawn without it.
(() => {
  const root = document.documentElement;
  const still = document.getElementById('still');
  const place = document.createElementNS('http://www.w3.org/2000/svg', 'foreignObject');
  const container = document.createElementNS('http://www.w3.org/1999/xhtml', 'div');
  const top = Number(still.dataset.top), margin = Number(still.dataset.margin);
  const follow = () => {
    const width = Math.max(320, root.clientWidth - 2 * margin);
    const height = container.scrollHeight;
    place.setAttribute('width', String(width));
    place.setAttribute('height', String(height));
    root.setAttribute('height', String(top + height + margin));
  };
  container.setAttribute('class', 'flame');
  place.setAttribute('x', String(margin));
  place.setAttribute('y', String(top));
  place.append(container);
  // As wide as the window, with letters of their own size.
  root.removeAttribute('viewBox');
  root.setAttribute('width', '100%');
  still.replaceWith(place);
  follow();
  mountFlame(container, JSON.parse(document.getElementById('flame-data').textContent), { keys: document });
  new ResizeObserver(follow).observe(container);
  window.addEventListener('resize', follow);
})();

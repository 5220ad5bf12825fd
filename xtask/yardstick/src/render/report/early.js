// Runs before anything is drawn, so that nothing jumps.
'use strict';
document.documentElement.classList.add('js');
try {
  const chosen = localStorage.getItem('yardstick-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Where nothing may be stored, the theme is the system's until it is chosen again.
}

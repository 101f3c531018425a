// Search by keyboard: "/" to the field, the arrows through the results, Esc back.
const field = document.querySelector('input[type=search]');
const back = document.querySelector('a[data-back]');
const results = () => [...document.querySelectorAll('#results a[data-result]')];

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const inField = document.activeElement === field;
  if (event.target.closest('textarea, select, input') && !inField) return;
  if (act(event.key, inField)) event.preventDefault();
});

/** Does what a key stands for. Answers whether it stood for something. */
function act(key, inField) {
  switch (key) {
    case '/':
      return !inField && focusField();
    case 'ArrowDown':
      return move(1, inField);
    case 'ArrowUp':
      return move(-1, inField);
    case 'Escape':
      return leave(inField);
    default:
      return false;
  }
}

function focusField() {
  field?.focus();
  field?.select();
  return field !== null;
}

function move(step, inField) {
  const links = results();
  const current = links.indexOf(document.activeElement);
  // Elsewhere the arrows scroll.
  if (current < 0 && !(inField && step > 0)) return false;
  if (current + step < 0) return focusField();
  const next = links[Math.min(current + step, links.length - 1)];
  next?.focus();
  return next !== undefined;
}

function leave(inField) {
  if (inField) {
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return true;
  }
  if (results().includes(document.activeElement)) return focusField();
  back?.click();
  return back !== null;
}

// The way back leads to the search as it was left.
if (back) back.href = sessionStorage.getItem('search') ?? back.href;
else if (field) addEventListener('pagehide', () => sessionStorage.setItem('search', location.href));

for (const failure of ['htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(failure, () => {
    document.getElementById('count').textContent = 'Daybook does not answer. Try again shortly.';
  });
}

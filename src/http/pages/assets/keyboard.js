// Search by keyboard: "/" to the field, the arrows through the results, Esc back.
const field = document.querySelector('input[type=search]');
const back = document.querySelector('a[data-back]');
const main = document.querySelector('main');
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
  const { activeElement } = document;
  const current = links.indexOf(activeElement);
  // A click beside everything gives the focus to the main part. From any other link the arrows scroll.
  const nowhere = activeElement === document.body || activeElement === main;
  if (links.length === 0 || (current < 0 && !inField && !nowhere)) return false;
  if (current + step < 0) return !inField && focusField();
  links[Math.min(current + step, links.length - 1)].focus();
  return true;
}

function leave(inField) {
  if (inField) {
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return true;
  }
  if (field) return focusField();
  back?.click();
  return back !== null;
}

// The way back leads to the search as it was left.
if (back && URL.canParse(document.referrer)) {
  const { origin, pathname } = new URL(document.referrer);
  if (origin === location.origin && /^\/search\/?$/.test(pathname)) back.href = document.referrer;
}

for (const failure of ['htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(failure, () => {
    document.getElementById('count').textContent = 'Daybook does not answer. Try again shortly.';
  });
}

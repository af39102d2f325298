// Puts the keyboard into the first field of a form that has just opened: once an opening, and never out of another field.
export default function ({ data, parentElement }) {
  const memory = memoryOf(parentElement, () => ({ root: el("span", "vh") }));
  if (memory.opening === data.opening) return;
  memory.opening = data.opening;
  let frames = 90;
  const look = () => {
    if (memory.opening !== data.opening) return;
    const field = document.querySelector(`.st-key-${data.within} input`);
    const is_free = !document.activeElement || document.activeElement === document.body;
    if (field && is_free) field.focus();
    else if (frames-- > 0) requestAnimationFrame(look);
  };
  look();
}

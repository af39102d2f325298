// Drawing functions shared by the components. Outside text only ever becomes a text node.
function el(tag, cls, ...kids) {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  for (const kid of kids) if (kid !== null && kid !== undefined && kid !== "") node.append(kid);
  return node;
}
function icon(name, size) {
  const node = el("span", `i i-${name}${size ? " " + size : ""}`);
  node.setAttribute("aria-hidden", "true");
  return node;
}
function iso(tag, cls, text, lang) {
  const node = el(tag, `iso ${cls}`, text);
  node.dir = "auto";
  if (lang) node.lang = lang;
  return node;
}
function safeUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}
// A component's function runs again whenever Python sends new data: its memory hangs on the element it draws into.
const memories = new WeakMap();
function memoryOf(parent, start) {
  if (!memories.has(parent)) memories.set(parent, start());
  const memory = memories.get(parent);
  if (memory.root.parentNode !== parent) parent.append(memory.root);
  return memory;
}

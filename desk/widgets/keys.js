// Single-letter shortcuts. They stay out of text fields, menus and dialogs, and out of every combination with a modifier.
const LETTERS = { k: "claim", u: "release", j: "next", l: "previous", s: "snooze", e: "resolve_next", g: "correct", n: "note", a: "reply", z: "undo", "/": "search", "?": "help" };
const ARROWS = { ArrowDown: "next", ArrowUp: "previous" };
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [readonly]), textarea:not([readonly]), select, [contenteditable=true], [contenteditable=''], [role=textbox], [role=combobox], [role=listbox], [role=menu], [role=dialog], [role=slider]";

function isTyping(event) {
  return event.composedPath().some((node) => node instanceof Element && node.matches(TYPING));
}
function onBarePage(event) {
  const at = event.composedPath()[0];
  return at === document.body || at === document.documentElement || at.closest?.("[data-testid=stMain]") === at || at.tagName === "SECTION";
}
function actionOf(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat && event.key.length === 1 && !"jl".includes(event.key.toLowerCase())) return null;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !isTyping(event)) return "send";
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return null;
  if (document.querySelector("[role=dialog]")) return null;
  if (event.key in ARROWS) return onBarePage(event) ? ARROWS[event.key] : null;
  if (event.key === "Enter") return onBarePage(event) ? "open" : null;
  return LETTERS[event.key.toLowerCase()] ?? null;
}
function searchField(memory) {
  return document.querySelector(`.st-key-${CSS.escape(memory.searchKey)} input`);
}
function handledInPage(action, memory) {
  if (action === "search") {
    const field = searchField(memory);
    field?.focus();
    field?.select();
    return !!field;
  }
  return !document.dispatchEvent(new CustomEvent("sportello:key", { detail: { action }, cancelable: true }));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const memory = memoryOf(parentElement, () => ({ root: el("span", "vh"), seq: 0 }));
  memory.enabled = data.enabled;
  memory.searchKey = data.search_key;
  memory.send = (action) => setTriggerValue("action", action);
  if (!memory.listener) {
    memory.listener = (event) => {
      // What "/" opened Escape leaves, else every letter after it would be typed into the search.
      if (event.key === "Escape" && !event.isComposing && event.target === searchField(memory)) event.target.blur();
      const action = memory.enabled && memory.root.isConnected ? actionOf(event) : null;
      if (!action) return;
      event.preventDefault();
      if (!handledInPage(action, memory)) memory.send(action);
    };
    document.addEventListener("keydown", memory.listener);
  }
  return () => document.removeEventListener("keydown", memory.listener);
}

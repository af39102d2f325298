// The head of the open case: name, state, reasons, and what can be done now. Buttons that took another's place wait.
const SETTLE_MS = 500, FOCUS_AFTER_MS = 80;

function pressable(act, memory, cls, extra) {
  const node = el("button", cls, act.label, act.key ? el("kbd", "", act.key) : null);
  node.type = "button";
  node.dataset.act = act.id;
  Object.entries(extra ?? {}).forEach(([name, value]) => node.setAttribute(name, value));
  if (act.why_not) {
    node.setAttribute("aria-disabled", "true");
    node.title = act.why_not;
  }
  node.addEventListener("click", (event) => press(memory, act, event));
  return node;
}

// A second click of a double click must not fall on the button that has slid under the pointer.
function press(memory, act, event) {
  event.stopPropagation();
  if (act.why_not || (event.detail > 0 && Date.now() - memory.changedAt < SETTLE_MS)) return;
  closeMenu(memory, false);
  memory.pressed = act.id;
  memory.send({ id: act.id, case_id: memory.data.case_id, at: Date.now() });
}

function closeMenu(memory, giveBack) {
  if (!memory.menu || memory.menu.hidden) return;
  memory.menu.hidden = true;
  memory.opener.setAttribute("aria-expanded", "false");
  if (giveBack) memory.opener.focus();
}

function walkMenu(memory, event) {
  const items = [...memory.menu.children], at = items.indexOf(memory.parent.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape") closeMenu(memory, true);
  else if (to === undefined) return;
  else items[(to + items.length) % items.length].focus();
  event.preventDefault();
  event.stopPropagation();
}

function drawMenu(memory) {
  const { data } = memory;
  if (!data.more.length) return null;
  memory.opener = el("button", "more", icon("more"));
  memory.opener.type = "button";
  for (const [name, value] of [["aria-label", data.more_label], ["title", data.more_label], ["aria-haspopup", "menu"], ["aria-expanded", "false"]]) memory.opener.setAttribute(name, value);
  memory.menu = el("div", "menu", ...data.more.map((act) => pressable(act, memory, "", { role: "menuitem", tabindex: "-1" })));
  memory.menu.setAttribute("role", "menu");
  memory.menu.hidden = true;
  memory.opener.addEventListener("click", () => {
    const opens = memory.menu.hidden;
    memory.menu.hidden = !opens;
    memory.opener.setAttribute("aria-expanded", String(opens));
    if (opens) memory.menu.firstChild.focus();
  });
  memory.menu.addEventListener("keydown", (event) => walkMenu(memory, event));
  return el("span", "menus", memory.opener, memory.menu);
}

function draw(memory) {
  const { data } = memory;
  memory.menu = null;
  const acts = data.acts.map((act) => pressable(act, memory, [act.is_primary ? "primary" : "", act.is_narrow_only ? "narrow" : ""].filter(Boolean).join(" ")));
  const correct = data.correct ? pressable({ id: "correct", label: data.correct, key: "G" }, memory, "quiet") : null;
  const dontAsk = data.dont_ask ? el("div", "ask narrow", icon("no_ask", "sm"), iso("span", "", data.dont_ask)) : null;
  const name = iso("h2", "cut", data.name);
  memory.root.replaceChildren(
    el("div", "title", name, el("div", "acts", ...acts, drawMenu(memory))),
    el("div", "state", ...data.chips.map((chip) => el("span", `sp-chip ${chip.kind}`, chip.icon ? icon(chip.icon, "xs") : null, iso("span", "cut", chip.text))), el("span", "cut muted", data.line)),
    el("div", "why", el("span", `sp-urg tag ${data.urgency}`, icon(data.urgency, "u"), data.urgency_word), el("span", "reasons", data.reasons), correct),
    ...(dontAsk ? [dontAsk] : []));
}

function toTheReply(memory) {
  setTimeout(() => {
    const at = document.activeElement;
    if (at === document.body || at === null || at.shadowRoot?.contains(memory.root)) document.dispatchEvent(new CustomEvent("sportello:key", { detail: { action: "reply" }, cancelable: true }));
  }, FOCUS_AFTER_MS);
}

export default function ({ data: { head: data }, parentElement, setTriggerValue }) {
  const memory = memoryOf(parentElement, () => ({ root: el("div", "sp head"), parent: parentElement, drawn: "", changedAt: 0, pressed: "" }));
  memory.send = (told) => setTriggerValue("press", told);
  if (!memory.outside) {
    memory.outside = (event) => { if (!event.composedPath().includes(memory.root)) closeMenu(memory, false); };
    document.addEventListener("pointerdown", memory.outside);
  }
  const drawn = JSON.stringify(data);
  if (drawn !== memory.drawn) {
    const before = memory.data, held = memory.parent.activeElement?.dataset?.act;
    memory.data = data;
    memory.drawn = drawn;
    const names = (each) => each.acts.map((act) => act.id).join();
    if (before?.case_id === data.case_id && names(before) !== names(data)) memory.changedAt = Date.now();
    draw(memory);
    if (held) memory.root.querySelector(`[data-act="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    if (memory.pressed === "claim" && data.is_mine) toTheReply(memory);
    memory.pressed = "";
  }
  return () => {
    document.removeEventListener("pointerdown", memory.outside);
    memory.outside = null;
  };
}

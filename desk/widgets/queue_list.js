// The queue list: one focus stop, arrows inside, Enter opens, K claims. Rows are updated in place, so nothing jumps.
const CHIP_ICONS = { mine: "hand", lock: "pencil", owned: "lock", promise: "promise", snoozed: "moon", again: "inbox", done: "check" };

function drawChip(row) {
  if (!row.chip_text) return null;
  const sign = CHIP_ICONS[row.chip];
  return el("span", `sp-chip ${row.chip}`, sign ? icon(sign, "xs") : null, iso("span", "cut", row.chip_text));
}

function drawWhy(row) {
  const why = el("span", "why", el("b", "", row.urgency_word));
  for (const reason of row.why) why.append(" · ", iso("span", "", reason));
  why.title = [row.urgency_word, ...row.why].join(" · ");
  return why;
}

function drawRow(item, row, memory) {
  const time = el("span", "time", row.waiting);
  if (row.waiting_title) time.title = row.waiting_title;
  const foot = el("div", "l3", drawWhy(row), drawChip(row));
  if (row.can_claim) {
    const claim = el("button", "claim", memory.labels.claim, el("kbd", "", "K"));
    claim.type = "button";
    claim.tabIndex = -1;
    claim.setAttribute("aria-label", `${memory.labels.claim}: ${row.name}`);
    claim.addEventListener("click", (event) => { event.stopPropagation(); memory.byHand = event.detail > 0; memory.claim(row.case_id); });
    foot.append(claim);
  }
  const shape = el("span", "sp-urg", icon(row.urgency, "u"), memory.compact ? el("span", "vh", row.urgency_word) : null);
  shape.title = row.urgency_word;
  item.replaceChildren(
    shape,
    el("div", "", el("div", "l1", iso("span", "who cut", row.name), el("span", "ch", row.channel), time),
      iso("div", "l2 cut", row.text, row.lang), foot));
}

function updateRow(item, row, memory) {
  const drawn = JSON.stringify(row);
  if (item.drawn !== drawn) {
    drawRow(item, row, memory);
    item.drawn = drawn;
  }
  const chosen = row.case_id === memory.selected;
  item.className = ["row", row.urgency, chosen && "is-sel", row.is_away && "is-away", row.can_claim && "can-claim"].filter(Boolean).join(" ");
  if (chosen) item.setAttribute("aria-current", "true");
  else item.removeAttribute("aria-current");
}

// The list itself marks what was opened: Python then draws the case alone.
function markOpen(memory, id) {
  memory.selected = id;
  for (const row of memory.rows) updateRow(memory.items.get(row.case_id), row, memory);
}

function setStop(memory, id) {
  memory.stop = id;
  for (const [caseId, item] of memory.items) item.tabIndex = caseId === id ? 0 : -1;
}

function step(memory, by) {
  const ids = memory.rows.map((row) => row.case_id);
  const inside = memory.list.contains(memory.parent.activeElement ?? null);
  const from = ids.indexOf(inside || memory.walking ? memory.stop : memory.selected ?? memory.stop);
  const to = from < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, from + by));
  if (!ids.length) return;
  setStop(memory, ids[to]);
  const item = memory.items.get(ids[to]);
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

function onKey(memory, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button")) return;
  const act = { ArrowDown: () => step(memory, 1), ArrowUp: () => step(memory, -1), j: () => step(memory, 1), l: () => step(memory, -1),
    Home: () => step(memory, -1e6), End: () => step(memory, 1e6), Enter: () => memory.open(memory.stop), " ": () => memory.open(memory.stop),
    k: () => memory.claimFocused() };
  const run = act[event.key] ?? act[event.key.toLowerCase()];
  if (!run || (event.key.length === 1 && event.key !== " " && !memory.letters)) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}

// Who took a case by hand writes next: its box is drawn right after the list.
function toTheReply() {
  setTimeout(() => document.dispatchEvent(new CustomEvent("sportello:key", { detail: { action: "reply" }, cancelable: true })), 150);
}

function start(parent) {
  const list = el("ol", "rows");
  const root = el("div", "sp", list);
  const memory = { root, list, parent, items: new Map(), rows: [], stop: null, selected: null, letters: true };
  memory.claimFocused = () => {
    const row = memory.rows.find((each) => each.case_id === memory.stop);
    if (row?.can_claim) memory.claim(row.case_id);
  };
  list.addEventListener("keydown", (event) => onKey(memory, event));
  list.addEventListener("focusin", (event) => {
    const item = event.target.closest(".row");
    if (item) setStop(memory, item.caseId);
  });
  const onPageKey = (event) => {
    if (!root.isConnected || !["next", "previous"].includes(event.detail?.action) || !memory.rows.length) return;
    event.preventDefault();
    step(memory, event.detail.action === "next" ? 1 : -1);
  };
  document.addEventListener("sportello:key", onPageKey);
  memory.stopListening = () => document.removeEventListener("sportello:key", onPageKey);
  return memory;
}

function placeRows(memory) {
  const wanted = new Set(memory.rows.map((row) => row.case_id));
  for (const [id, item] of memory.items) if (!wanted.has(id)) { item.remove(); memory.items.delete(id); }
  memory.rows.forEach((row, position) => {
    let item = memory.items.get(row.case_id);
    if (!item) {
      item = el("li", "row");
      item.caseId = row.case_id;
      item.addEventListener("click", () => { setStop(memory, row.case_id); memory.open(row.case_id); });
      memory.items.set(row.case_id, item);
    }
    updateRow(item, row, memory);
    if (memory.list.children[position] !== item) memory.list.insertBefore(item, memory.list.children[position] ?? null);
  });
}

export default function ({ data: { list: data }, parentElement, setTriggerValue }) {
  const memory = memoryOf(parentElement, () => start(parentElement));
  if (memory.labels && (JSON.stringify(memory.labels) !== JSON.stringify(data.labels) || memory.compact !== data.compact)) for (const item of memory.items.values()) item.drawn = "";
  memory.labels = data.labels;
  memory.compact = data.compact;
  memory.rows = data.rows;
  memory.selected = data.selected;
  memory.letters = data.letters;
  memory.open = (id) => { if (id === null) return; markOpen(memory, id); setTriggerValue("open", id); };
  memory.claim = (id) => { memory.claimed = id; setTriggerValue("claim", id); };
  memory.root.classList.toggle("compact", data.compact);
  memory.list.setAttribute("aria-label", data.labels.list_name);
  const heldFocus = memory.list.contains(parentElement.activeElement ?? null);
  const place = memory.rows.findIndex((row) => row.case_id === memory.stop);
  const before = [...memory.items.keys()].indexOf(memory.stop);
  placeRows(memory);
  const stop = place >= 0 ? memory.stop : memory.rows.find((row) => row.case_id === memory.selected)?.case_id
    ?? memory.rows[Math.min(Math.max(before, 0), memory.rows.length - 1)]?.case_id ?? null;
  setStop(memory, stop);
  if (heldFocus && stop !== null && !memory.list.contains(parentElement.activeElement ?? null)) memory.items.get(stop).focus({ preventScroll: true });
  if (memory.claimed && memory.byHand && memory.rows.some((row) => row.case_id === memory.claimed && row.chip === "mine")) toTheReply();
  if (memory.claimed) memory.claimed = memory.byHand = null;
  memory.none ??= el("p", "none");
  memory.none.textContent = data.labels.empty;
  if (memory.rows.length || !data.labels.empty) memory.none.remove();
  else memory.root.append(memory.none);
  return () => memory.stopListening();
}

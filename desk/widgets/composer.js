// The composer. What is typed lives here; Python stores it, and replaces it only when nothing typed would be lost.
const SAVE_AFTER_MS = 800, SAVE_AT_LEAST_MS = 5000, ANSWER_LOST_MS = 10000;
const SVG = "http://www.w3.org/2000/svg";
const LINK = /https?:\/\/\S+/g;

function countText(text, data) {
  let rest = text, links = 0;
  if (data.url_weight_chars > 0) rest = text.replace(LINK, () => { links += 1; return ""; });
  let count = [...rest].length;
  if (data.count_mode === "utf16") count = rest.length;
  if (data.count_mode === "graphemes" && Intl.Segmenter) count = [...new Intl.Segmenter().segment(rest)].length;
  return count + links * data.url_weight_chars;
}

function cleanHour(text) {
  const found = /^\s*(\d{1,2})[:.h ]?(\d{2})?\s*$/.exec(text);
  if (!found || +found[1] > 23 || +(found[2] ?? 0) > 59) return null;
  return `${found[1].padStart(2, "0")}:${found[2] ?? "00"}`;
}

function ring() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  for (const name of ["track", "arc"]) {
    const circle = document.createElementNS(SVG, "circle");
    for (const [key, number] of Object.entries({ cx: 8, cy: 8, r: 6.2 })) circle.setAttribute(key, number);
    circle.setAttribute("class", name);
    svg.append(circle);
  }
  return svg;
}

function button(cls, ...kids) {
  const node = el("button", cls, ...kids);
  node.type = "button";
  return node;
}

function build() {
  const ui = { words: {}, publicSwitch: button("public"), internalSwitch: button("internal"), asides: el("span", "asides"),
    route: el("div", "route"), text: el("textarea", ""), ring: ring(), number: el("span", ""), status: el("span", "cut"),
    preview: el("p", "txt"), previewWho: el("div", "who"), refusal: el("div", "refusal"), made: el("input", ""),
    madeWord: el("span", ""), promise: el("input", "field grow"), by: el("span", ""), day: el("select", "field"),
    date: el("input", "field"), hour: el("input", "field hour"), primary: button("primary"), approver: el("span", "faces"), why: el("span", "why grow") };
  ui.made.type = "checkbox";
  ui.made.className = "i-check";
  ui.pick = el("span", "pick", ui.day, icon("down", "sm"));
  ui.date.type = "date";
  ui.hour.inputMode = "numeric";
  ui.hour.maxLength = 5;
  ui.hour.placeholder = "--:--";
  ui.text.rows = 5;
  ui.text.dir = "auto";
  ui.status.setAttribute("role", "status");
  ui.refusal.setAttribute("role", "alert");
  ui.count = el("span", "count", ui.ring, ui.number);
  ui.frame = el("div", "frame", ui.route, el("div", "two",
    el("div", "write", ui.text, el("div", "foot", ui.count, ui.status)), el("div", "preview", ui.previewWho, ui.preview)));
  ui.promiseRow = el("div", "promise", el("label", "", ui.made, ui.madeWord), ui.promise, ui.by, ui.pick, ui.date, ui.hour);
  ui.act = el("div", "act", ui.primary, ui.approver, ui.why);
  ui.root = el("div", "sp composer", el("div", "bar", el("div", "switch", ui.publicSwitch, ui.internalSwitch), ui.asides),
    ui.frame, ui.refusal, ui.promiseRow, ui.act);
  return ui;
}

// ---- what is typed ----
const snapshot = (memory) => JSON.stringify([memory.texts, memory.promise]);
const isPending = (memory) => snapshot(memory) !== memory.settled;
const backupName = (subject) => `sportello.draft.${subject}`;

// A note belongs to the case, whatever becomes of the reply: digits that begin the subject name the case.
const noteName = (subject) => `sportello.note.${/^\d+/.exec(subject)?.[0] ?? subject}`;

function keepNote(subject, text) {
  try {
    if (text) sessionStorage.setItem(noteName(subject), text);
    else sessionStorage.removeItem(noteName(subject));
  } catch { /* as below */ }
}

function keptNote(subject) {
  try { return sessionStorage.getItem(noteName(subject)) ?? ""; } catch { return ""; }
}

function keepBackup(memory) {
  keepNote(memory.subject, memory.texts.internal);
  try {
    if (isPending(memory) || memory.unanswered) sessionStorage.setItem(backupName(memory.subject), JSON.stringify({ version: memory.version, texts: memory.texts, promise: memory.promise }));
    else sessionStorage.removeItem(backupName(memory.subject));
  } catch { /* storage is full or switched off: the text is still on screen and in the autosave */ }
}

function readBackup(subject, version) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(backupName(subject)) ?? "null");
    return kept && kept.version >= version ? kept : null;
  } catch { return null; }
}

// A page that keeps no note drafts sends an empty note: that never empties the one being written.
function adopt(memory, draft) {
  memory.texts = { public: draft.text, internal: draft.note || memory.texts.internal };
  memory.promise = { ...draft.promise };
  memory.version = draft.version;
  memory.settled = snapshot(memory);
}

// One event at a time: the next one waits for the answer, so that it speaks of the version that answer brings.
const isWaiting = (memory) => memory.unanswered > 0;

function ask(memory, event, aside = "") {
  if (!isWaiting(memory)) return emit(memory, event, aside);
  if (event !== "autosave") memory.next = { event, aside };
  drawWriting(memory);
}

function askNext(memory) {
  const next = memory.next;
  memory.next = null;
  if (next) emit(memory, next.event, next.aside);
  else flush(memory);
}

function emit(memory, event, aside = "") {
  clearTimeout(memory.timer);
  memory.timer = memory.firstChange = 0;
  memory.seq = Math.max(Date.now(), memory.seq + 1);
  memory.settled = snapshot(memory);
  memory.unanswered = Date.now();
  memory.asked = event;
  clearTimeout(memory.lost);
  memory.lost = setTimeout(() => giveUpWaiting(memory), ANSWER_LOST_MS);
  memory.send({ event, seq: memory.seq, subject: memory.subject, mode: memory.mode, text: memory.texts[memory.mode],
    reply_text: memory.texts.public, note_text: memory.texts.internal, promise: memory.promise, base_version: memory.version, aside });
  keepBackup(memory);
  drawWriting(memory);
}

function flush(memory) { if (isPending(memory)) ask(memory, "autosave"); }

function takeAnswer(memory, data) {
  if (memory.unanswered && data.answered_seq < memory.seq && isWaiting(memory)) return;
  const noteWasAsked = memory.unanswered > 0 && memory.asked === "note";
  memory.unanswered = 0;
  memory.asked = "";
  clearTimeout(memory.lost);
  if (data.draft.version <= memory.version) return;
  if (noteWasAsked) replaceNote(memory, data.draft.note);
  if (isPending(memory)) memory.version = data.draft.version;
  else adopt(memory, data.draft);
}

function replaceNote(memory, note) {
  const [texts, promise] = JSON.parse(memory.settled);
  texts.internal = memory.texts.internal = note;
  memory.settled = JSON.stringify([texts, promise]);
}

// No answer came: what was sent counts as unsaved again. A reply is not sent twice by itself, only saved.
function giveUpWaiting(memory) {
  memory.unanswered = 0;
  memory.asked = "";
  memory.settled = "";
  if (memory.root.isConnected) memory.next ? askNext(memory) : changed(memory);
}

function changed(memory) {
  memory.firstChange ||= Date.now();
  clearTimeout(memory.timer);
  const wait = Math.min(SAVE_AFTER_MS, Math.max(0, memory.firstChange + SAVE_AT_LEAST_MS - Date.now()));
  memory.timer = setTimeout(() => flush(memory), wait);
  keepBackup(memory);
  drawWriting(memory);
}

function submit(memory) {
  if (memory.ui.primary.disabled || memory.ui.act.hidden) return;
  ask(memory, memory.mode === "internal" ? "note" : "send");
}

// ---- drawing ----
function put(input, value) { if (input.value !== value) input.value = value; }

function measure(memory) {
  const { data } = memory, text = memory.texts.public;
  return data.counted_chars !== null && text === data.draft.text ? data.counted_chars : countText(text, data);
}

function drawCount(memory) {
  const { ui, data } = memory, used = measure(memory), limit = data.limit_chars, turn = 2 * Math.PI * 6.2;
  const over = limit > 0 && used > limit;
  ui.number.textContent = over ? `${used} / ${limit}, ${data.labels.too_long.replace("{n}", used - limit)}` : limit ? `${used} / ${limit}` : `${used}`;
  ui.count.className = `count${over ? " over" : limit && used > limit * 0.92 ? " near" : ""}`;
  ui.ring.lastChild.setAttribute("stroke-dasharray", `${turn * Math.min(1, limit ? used / limit : 0)} ${turn}`);
  ui.ring.style.display = limit ? "" : "none";
  return over;
}

function drawWriting(memory) {
  const { ui, data, mode, texts, promise } = memory, labels = data.labels, internal = mode === "internal";
  put(ui.text, texts[mode]);
  const over = drawCount(memory);
  ui.status.textContent = isPending(memory) ? labels.unsaved : data.status;
  ui.preview.replaceChildren(...(data.fixed_prefix ? [el("span", "at", data.fixed_prefix), " "] : []), texts.public);
  ui.made.checked = promise.made;
  for (const node of [ui.promise, ui.by, ui.hour]) node.hidden = !promise.made;
  const listed = data.due_days.some((each) => each.day === promise.due_day) || (!promise.due_day && !memory.otherDay);
  const pick = data.due_days.length > 0 && listed && !memory.otherDay;
  ui.pick.hidden = !promise.made || !pick;
  ui.date.hidden = !promise.made || pick;
  put(ui.promise, promise.text);
  put(ui.date, promise.due_day ?? "");
  if (pick) put(ui.day, promise.due_day ?? data.due_days[0].day);
  if (memory.root.getRootNode().activeElement !== ui.hour) put(ui.hour, promise.due_time ?? "");
  const leaving = memory.next !== null || (isWaiting(memory) && ["send", "note"].includes(memory.asked));
  ui.text.readOnly = leaving || (data.locked && !internal);
  ui.primary.disabled = leaving || (data.locked && !internal) || (!internal && (!data.can_send || over)) || !texts[mode].trim();
}

function drawSwitch(memory) {
  const { ui, data, mode } = memory, labels = data.labels, internal = mode === "internal";
  ui.root.classList.toggle("is-internal", internal);
  ui.publicSwitch.setAttribute("aria-pressed", String(!internal));
  ui.internalSwitch.setAttribute("aria-pressed", String(internal));
  const words = labels.route.split(/(\{to\}|\{channel\}|\{account\})/);
  const names = { "{to}": data.to_handle, "{channel}": data.channel, "{account}": data.as_handle };
  const line = internal ? labels.note_route : words.map((word) => (word in names ? iso("b", "", names[word]) : word));
  ui.route.replaceChildren(icon(internal ? "lock" : labels.public_icon), el("span", "cut", ...[line].flat()),
    el("span", "end", icon(internal ? "people" : "eye", "sm"), internal ? labels.team_only : labels.anyone));
  ui.text.placeholder = internal ? labels.note_placeholder : labels.placeholder;
  ui.text.setAttribute("aria-label", internal ? labels.internal : labels.public);
  ui.root.classList.toggle("locked", data.locked && !internal);
  ui.promiseRow.hidden = !data.can_promise;
  for (const node of [ui.made, ui.promise, ui.day, ui.date, ui.hour]) node.disabled = data.locked;
  ui.act.hidden = data.hide_primary && !internal;
  ui.primary.replaceChildren(internal ? labels.save_note : data.primary, el("kbd", "", "Ctrl ↵"));
  ui.approver.replaceChildren(...(data.approver_initials && !internal ? [el("span", "av team", data.approver_initials)] : []));
  ui.why.textContent = internal ? "" : data.primary_note;
}

function drawFixed(memory) {
  const { ui, data } = memory, labels = data.labels;
  ui.publicSwitch.replaceChildren(icon(labels.public_icon, "sm"), labels.public, el("kbd", "", "A"));
  ui.internalSwitch.replaceChildren(icon("lock", "sm"), labels.internal, el("kbd", "", "N"));
  const asides = JSON.stringify(data.asides);
  if (ui.asides.drawn !== asides) {
    ui.asides.drawn = asides;
    ui.asides.replaceChildren(...data.asides.map((each) => {
      const node = button("quiet", each.label);
      node.addEventListener("click", () => ask(memory, "aside", each.id));
      return node;
    }));
  }
  ui.previewWho.replaceChildren(el("span", "av brand sm", data.as_initials), iso("b", "cut", data.as_name || data.as_handle), el("span", "cap", labels.preview));
  ui.refusal.hidden = !data.refusal;
  ui.refusal.replaceChildren(icon("u3"), iso("span", "", data.refusal));
  ui.madeWord.textContent = labels.promised;
  ui.promise.placeholder = labels.promise_text;
  ui.promise.setAttribute("aria-label", labels.promise_text);
  ui.by.textContent = labels.by;
  for (const node of [ui.day, ui.date]) node.setAttribute("aria-label", labels.due_day);
  ui.hour.setAttribute("aria-label", labels.due_time);
  ui.text.lang = ui.preview.lang = data.lang;
  const days = JSON.stringify([data.due_days, labels.other_day]);
  if (ui.day.drawn !== days) {
    ui.day.drawn = days;
    ui.day.replaceChildren(...data.due_days.map((each) => new Option(each.label, each.day)), new Option(labels.other_day, ""));
  }
}

// ---- what the hand does ----
function changeMode(memory, mode) {
  if (memory.mode === mode) return;
  flush(memory);
  memory.mode = mode;
  drawSwitch(memory);
  drawWriting(memory);
}

function listen(memory) {
  const { ui } = memory;
  ui.text.addEventListener("input", () => { memory.texts[memory.mode] = ui.text.value; changed(memory); });
  ui.root.addEventListener("focusout", (event) => { if (!ui.root.contains(event.relatedTarget)) flush(memory); });
  for (const [node, mode] of [[ui.publicSwitch, "public"], [ui.internalSwitch, "internal"]]) node.addEventListener("click", () => { changeMode(memory, mode); ui.text.focus(); });
  const set = (change) => { memory.promise = { ...memory.promise, ...change }; changed(memory); };
  ui.made.addEventListener("change", () => {
    set({ made: ui.made.checked, due_day: memory.promise.due_day ?? memory.data.due_days[0]?.day ?? null });
    if (ui.made.checked) ui.promise.focus();
  });
  ui.promise.addEventListener("input", () => set({ text: ui.promise.value }));
  ui.day.addEventListener("change", () => { memory.otherDay = !ui.day.value; set({ due_day: ui.day.value || memory.promise.due_day }); if (memory.otherDay) ui.date.focus(); });
  ui.date.addEventListener("change", () => set({ due_day: ui.date.value || null }));
  ui.hour.addEventListener("input", () => { const hour = cleanHour(ui.hour.value); ui.hour.classList.toggle("wrong", !!ui.hour.value && !hour); if (ui.hour.value.length === 5 || !ui.hour.value) set({ due_time: hour }); });
  ui.hour.addEventListener("change", () => { const hour = cleanHour(ui.hour.value); put(ui.hour, hour ?? ""); ui.hour.classList.remove("wrong"); set({ due_time: hour }); });
  ui.primary.addEventListener("click", () => submit(memory));
  ui.root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === ui.text) ui.text.blur();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.target === ui.hour) ui.hour.blur();
    submit(memory);
  });
  const onPageKey = (event) => {
    const action = event.detail?.action;
    if (!ui.root.isConnected || !["reply", "note", "send"].includes(action)) return;
    event.preventDefault();
    if (action === "send") return submit(memory);
    changeMode(memory, action === "note" ? "internal" : "public");
    ui.text.focus();
  };
  const onLeave = () => keepBackup(memory);
  document.addEventListener("sportello:key", onPageKey);
  window.addEventListener("pagehide", onLeave);
  memory.stopListening = () => {
    clearTimeout(memory.timer);
    clearTimeout(memory.lost);
    keepBackup(memory);
    document.removeEventListener("sportello:key", onPageKey);
    window.removeEventListener("pagehide", onLeave);
  };
}

function start() {
  const ui = build();
  const memory = { ui, root: ui.root, subject: null, seq: 0, unanswered: 0, asked: "", next: null, timer: 0, lost: 0, firstChange: 0, texts: { public: "", internal: "" } };
  return memory;
}

function leaveSubject(memory, data) {
  if (isPending(memory)) emit(memory, "autosave");
  else if (data.answered_seq >= memory.seq) {
    memory.unanswered = 0;
    keepBackup(memory);
  }
  clearTimeout(memory.lost);
  clearTimeout(memory.timer);
}

function takeSubject(memory, data) {
  if (memory.subject !== null) leaveSubject(memory, data);
  const noteWasSaved = memory.asked === "note" && data.answered_seq >= memory.seq;
  if (noteWasSaved && memory.subject !== null) keepNote(memory.subject, "");
  Object.assign(memory, { subject: data.subject, mode: data.mode, unanswered: 0, asked: "", next: null, otherDay: false });
  memory.texts = { public: "", internal: keptNote(data.subject) };
  adopt(memory, data.draft);
  const kept = readBackup(data.subject, data.draft.version);
  if (!kept) return;
  memory.texts = { public: kept.texts.public, internal: memory.texts.internal };
  memory.promise = kept.promise;
}

export default function ({ data: { state: data }, parentElement, setTriggerValue }) {
  const memory = memoryOf(parentElement, start);
  memory.send = (payload) => setTriggerValue("event", payload);
  if (memory.subject !== data.subject) {
    memory.data ??= data;
    takeSubject(memory, data);
    memory.data = data;
  } else {
    memory.data = data;
    if (memory.askedMode !== data.mode) memory.mode = data.mode;
    takeAnswer(memory, data);
  }
  memory.askedMode = data.mode;
  if (!memory.stopListening) listen(memory);
  drawFixed(memory);
  drawSwitch(memory);
  if (memory.next && !isWaiting(memory)) askNext(memory);
  else if (isPending(memory)) changed(memory);
  else { keepBackup(memory); drawWriting(memory); }
  return () => memory.stopListening();
}

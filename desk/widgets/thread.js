// The conversation of a case, read only. Pictures are fetched on request; links leave with no referrer.
const SETTLES_MS = 4000;
const DELIVERY_ICONS = { sent: "check", waiting: "clock", uncertain: "uw", failed: "u3" };

function drawBody(item) {
  const body = el("p", "body");
  body.dir = "auto";
  if (item.lang) body.lang = item.lang;
  for (const piece of item.pieces) {
    if (!piece.marked) { body.append(piece.text); continue; }
    const mark = el("mark", "", piece.text);
    if (piece.reason) mark.title = piece.reason;
    body.append(mark);
  }
  return body;
}

function drawLong(item, labels) {
  const body = drawBody(item);
  if (!item.long) return [body];
  body.classList.add("long");
  const more = el("button", "more", labels.show_more);
  more.type = "button";
  more.addEventListener("click", () => { body.classList.remove("long"); more.remove(); });
  return [body, more];
}

function drawPicture(media, labels) {
  const url = media.url.startsWith("/sample/media/") ? media.url : safeUrl(media.url);
  if (!url) return null;
  const button = el("button", "pic", icon("picture", "sm"), labels.show_picture, media.alt ? iso("span", "alt cut", media.alt) : null);
  button.type = "button";
  button.addEventListener("click", () => {
    const image = el("img", "");
    image.alt = media.alt;
    image.referrerPolicy = "no-referrer";
    image.addEventListener("error", () => image.replaceWith(el("p", "muted", labels.picture_gone)));
    image.src = url;
    button.replaceWith(image);
  });
  return button;
}

function drawEnd(item, labels) {
  const end = el("span", "end");
  if (item.delivery_text) {
    end.classList.add(item.delivery || "none");
    const sign = DELIVERY_ICONS[item.delivery];
    end.append(...(sign ? [icon(sign, "sm")] : []), item.delivery_text);
  } else end.append(item.when);
  if (item.when_title) end.title = item.when_title;
  const url = safeUrl(item.url);
  if (url) {
    const link = el("a", "", icon("external", "sm"), el("span", "vh", labels.open_post));
    Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer", title: labels.open_post });
    end.append(link);
  }
  return end;
}

function drawPost(item, labels) {
  const face = el("span", `av${item.kind === "us" ? " brand" : ""}`, item.initials);
  face.setAttribute("aria-hidden", "true");
  const meta = el("div", "meta", iso("b", "cut", item.name), item.handle ? iso("span", "handle cut", item.handle) : null,
    item.byline ? iso("span", "by cut", item.byline) : null, drawEnd(item, labels));
  const media = item.media.length ? el("div", "media", ...item.media.map((each) => drawPicture(each, labels))) : null;
  return el("article", `post ${item.kind}`, face, el("div", "card", meta, ...drawLong(item, labels), media));
}

function drawNote(item, labels) {
  const by = [item.name, item.when].filter(Boolean).join(", ");
  const meta = el("div", "meta", icon("lock", "sm"), el("b", "", labels.internal_note), el("span", "cut", `· ${labels.note_audience}`), iso("span", "end", by));
  const note = el("aside", "note", meta, ...drawLong(item, labels));
  note.setAttribute("aria-label", labels.internal_note);
  return note;
}

function drawFold(item, labels, memory) {
  const button = el("button", "fold", icon("right", "sm"), iso("span", "cut", item.text));
  const inside = el("div", "folded", ...item.folded.map((each) => drawItem(each, labels, memory)));
  button.type = "button";
  const show = (open) => {
    memory.open = open;
    inside.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(inside.hidden));
  show(memory.open);
  const box = el("div", "", button, inside);
  return box;
}

function drawItem(item, labels, memory) {
  if (item.kind === "day") return iso("h3", "day", item.text);
  if (item.kind === "fold") return drawFold(item, labels, memory);
  if (item.kind === "tombstone") return el("div", "tomb", icon("trash", "sm"), el("span", "", item.text));
  if (item.kind === "event") return el("div", "event", icon("info", "xs"), iso("span", "", item.text));
  if (item.kind === "note") return drawNote(item, labels);
  return drawPost(item, labels);
}

function scrollerOf(node) {
  let at = node.getRootNode().host ?? node;
  while (at && at !== document.body) {
    const style = getComputedStyle(at);
    if (/(auto|scroll)/.test(style.overflowY)) return at;
    at = at.parentElement;
  }
  return null;
}

// The newest post stays in sight when what stands below the thread grows, such as the promise of the composer.
function stayAtEnd(memory) {
  const scroller = scrollerOf(memory.root);
  if (!scroller || memory.watched === scroller) return;
  memory.watched = scroller;
  memory.atEnd = true;
  for (const hand of ["wheel", "pointerdown", "keydown"]) scroller.addEventListener(hand, () => { memory.settledAt = 0; }, { passive: true });
  scroller.addEventListener("scroll", () => { memory.atEnd = Date.now() < memory.settledAt || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40; }, { passive: true });
  const watcher = new ResizeObserver((changes) => {
    const isSettling = Date.now() < memory.settledAt || changes.some((each) => each.target === scroller);
    if (memory.atEnd && isSettling) scroller.scrollTop = scroller.scrollHeight;
  });
  watcher.observe(scroller);
  watcher.observe(memory.list);
}

// On a first visit the page's own style may come after the words: try until there is something to scroll.
function showNewest(memory, triesLeft = 60) {
  memory.settledAt = Date.now() + SETTLES_MS;
  requestAnimationFrame(() => {
    const scroller = scrollerOf(memory.root);
    if (!scroller) return triesLeft > 0 && showNewest(memory, triesLeft - 1);
    stayAtEnd(memory);
    memory.atEnd = true;
    scroller.scrollTop = scroller.scrollHeight;
  });
}

export default function ({ data: { thread: data }, parentElement }) {
  const memory = memoryOf(parentElement, () => {
    const list = el("div", "thread");
    return { list, root: el("div", "sp whole", list), drawn: [], open: false };
  });
  const fresh = memory.subject !== data.subject;
  if (fresh) { memory.open = false; memory.drawn = []; memory.list.replaceChildren(); }
  const scroller = scrollerOf(memory.root);
  const atEnd = !scroller || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
  const words = JSON.stringify(data.labels);
  const next = data.items.map((item) => JSON.stringify(item) + words);
  const grew = next.length > memory.drawn.length;
  next.forEach((drawn, place) => {
    if (memory.drawn[place] === drawn) return;
    const node = drawItem(data.items[place], data.labels, memory);
    if (memory.list.children[place]) memory.list.children[place].replaceWith(node);
    else memory.list.append(node);
  });
  while (memory.list.children.length > next.length) memory.list.lastChild.remove();
  memory.drawn = next;
  memory.subject = data.subject;
  memory.list.setAttribute("role", "region");
  memory.list.setAttribute("aria-label", data.labels.thread_name);
  stayAtEnd(memory);
  if (fresh || (grew && atEnd)) showNewest(memory);
}

// Streamlit hangs what a button opens at the end of the page. Here the keyboard goes from the button into it and back,
// and a button of a row is heard with what its row is about: "Open: Nadia Benali", since every row has an "Open". A box
// that is ticked there is heard with the first words of its row as well.
const PANEL = "[data-testid=stPopoverBody]";
const BUTTON = "[data-testid=stPopoverButton]";
const REACHED = "a[href], button, input, select, textarea, [contenteditable=true], [tabindex]";
const ROW = "[class*=st-key-sp_row_]";
const ABOUT = ".sp-line b";
const WORDS = ".sp-line-text";
const FIRST_WORDS = 8;
const FIRST_CHARS = 60;
const PATIENCE_FRAMES = 90;

const openers = new Map(); // panel -> the button that opened it, and the row it stood in
let byKeyboard = false;
let pressed = 0; // keys and presses of the pointer so far
let pressedIn = null; // the panel that was last touched by the pointer

// While the keyboard is outside, what was opened is taken out of the tab order; its own order waits in data-tabindex.
function isOnPage(node) {
  return node.isConnected && !node.disabled && (node.tabIndex >= 0 || node.hasAttribute("data-tabindex")) && node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
}
// Of radio buttons that belong together the keyboard reaches one.
function isOneOfGroup(node, all) {
  if (node.type !== "radio" || !node.name) return true;
  const group = all.filter((each) => each.type === "radio" && each.name === node.name);
  return node === (group.find((each) => each.checked) ?? group[0]);
}
function reached(place) {
  const all = [...place.querySelectorAll(REACHED)].filter(isOnPage);
  return all.filter((node) => isOneOfGroup(node, all));
}
function isNowhere() {
  return !document.activeElement || document.activeElement === document.body;
}
function entrance(panel) {
  const first = reached(panel)[0];
  // A field of a day opens its calendar when it is entered: the keyboard waits before it.
  return first?.closest("[data-testid=stDateInput]") ? panel : first;
}
// Some fields are drawn later than others: until somebody presses a key, the keyboard moves up to the first of them.
function arrive(panel, opener) {
  let frames = PATIENCE_FRAMES;
  let reachedAt = opener;
  const keys = pressed;
  const look = () => {
    const isLeft = pressed !== keys || !(isNowhere() || document.activeElement === reachedAt);
    if (!panel.isConnected || isLeft) return;
    const place = entrance(panel);
    if (place && place !== reachedAt) {
      if (place === panel) panel.tabIndex = -1;
      place.focus({ preventScroll: true });
      reachedAt = place;
    }
    if (frames-- > 0) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
function leave(panel) {
  const { opener, key, row } = openers.get(panel);
  openers.delete(panel);
  if (!byKeyboard && pressedIn !== panel) return;
  let frames = PATIENCE_FRAMES;
  const look = () => {
    if (isNowhere() && !document.querySelector(PANEL)) {
      // A button that is called otherwise by now was drawn anew, in the place of the same key.
      const again = key && document.querySelector(`.${CSS.escape(key)} ${BUTTON}, .${CSS.escape(key)}${BUTTON}`);
      const place = [opener, again, row, document.querySelector("[data-testid=stMain]")].find((each) => each?.isConnected);
      if (place && place !== opener && place !== again && place.tabIndex < 0) place.tabIndex = -1;
      place?.focus({ preventScroll: true });
    }
    if (frames-- > 0 && !document.querySelector(PANEL)) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
function keyOf(node) {
  return [...(node.closest("[class*=st-key-]")?.classList ?? [])].find((each) => each.startsWith("st-key-"));
}
function meetPanels() {
  for (const panel of [...openers.keys()]) if (!panel.isConnected) leave(panel);
  for (const panel of document.querySelectorAll(PANEL)) {
    if (openers.has(panel)) continue;
    const open = [...document.querySelectorAll(`${BUTTON}[aria-expanded=true]`)];
    const opener = open.find((each) => each === document.activeElement) ?? open.at(-1);
    if (!opener) continue;
    openers.set(panel, { opener, key: keyOf(opener), row: opener.closest(ROW) });
    arrive(panel, opener);
  }
}
function followingButton(opener, panel) {
  const all = reached(document.body).filter((node) => !node.closest(PANEL) && !node.closest("#stFloatingOverlayPortal"));
  return all[all.indexOf(opener) + 1] ?? null;
}
// The tab order as it would be if the panel stood right behind its button.
function step(event) {
  if (event.key !== "Tab" || event.altKey || event.ctrlKey || event.metaKey) return;
  const here = document.activeElement;
  for (const [panel, { opener }] of openers) {
    if (!panel.isConnected) continue;
    const inside = reached(panel);
    let to = null;
    if (here === opener && !event.shiftKey) to = inside[0];
    else if (event.shiftKey && (here === inside[0] || here === panel)) to = opener;
    else if (!event.shiftKey && here === inside.at(-1)) to = followingButton(opener, panel);
    if (!to) continue;
    event.preventDefault();
    to.focus();
    return;
  }
}
function aboutOf(row) {
  return (row.querySelector(ABOUT) ?? row.parentElement?.closest(ROW)?.querySelector(ABOUT))?.textContent.trim();
}
function setName(node, name) {
  if (node.getAttribute("aria-label") === name) return;
  node.dataset.spNamed = "1";
  node.setAttribute("aria-label", name);
}
function nameButtons() {
  for (const button of document.querySelectorAll(`${ROW} button`)) {
    const about = aboutOf(button.closest(ROW));
    const label = button.querySelector("[data-testid=stMarkdownContainer]")?.textContent.trim();
    if (!about || !label || (button.hasAttribute("aria-label") && !button.dataset.spNamed)) continue;
    setName(button, `${label}: ${about}`);
  }
}
function firstWords(text) {
  const words = text.trim().split(/\s+/);
  let said = words.slice(0, FIRST_WORDS).join(" ");
  if (said.length > FIRST_CHARS) said = [...said].slice(0, FIRST_CHARS).join("");
  return said === words.join(" ") ? said : `${said.replace(/[\s.,;:…]+$/, "")}…`;
}
// Streamlit names a box by its label alone, which stays the beginning of its name.
function nameBoxes() {
  for (const box of document.querySelectorAll(`${ROW} label input[type=checkbox]`)) {
    const row = box.closest(ROW);
    const about = aboutOf(row);
    const label = box.closest("label").querySelector("[data-testid=stMarkdownContainer]")?.textContent.trim();
    if (!about || !label) continue;
    const words = row.querySelector(WORDS)?.textContent ?? "";
    setName(box, `${label}: ${about}${words.trim() ? `, ${firstWords(words)}` : ""}`);
  }
}

export default function () {
  let asked = 0;
  const look = () => {
    asked = 0;
    meetPanels();
    nameButtons();
    nameBoxes();
  };
  const watcher = new MutationObserver(() => (asked ||= requestAnimationFrame(look)));
  const onKey = (event) => {
    byKeyboard = true;
    pressed += 1;
    step(event);
  };
  const onPointer = (event) => {
    byKeyboard = false;
    pressed += 1;
    pressedIn = event.target instanceof Element ? event.target.closest(PANEL) : null;
  };
  watcher.observe(document.body, { childList: true, characterData: true, subtree: true });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", onPointer, true);
  look();
  return () => {
    watcher.disconnect();
    cancelAnimationFrame(asked);
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("pointerdown", onPointer, true);
  };
}

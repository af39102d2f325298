// Streamlit says a few things itself, always in English: they are put into the page's language where they appear.
// Only places that hold Streamlit's own words are looked at: what people wrote is never touched.
const PLACES = [
  "stSkipToContent", "stConnectionStatus", "stStatusWidget", "InputInstructions", "stFileUploader", "stHeader", "stSidebarHeader",
  "stSidebarCollapseButton", "stExpandSidebarButton", "stTooltipContent", "stTooltipErrorContent", "stToast", "stElementToolbar",
].map((name) => `[data-testid=${name}]`).concat("[role=dialog]", "[data-baseweb=popover]", "[data-baseweb=select]", "[data-baseweb=input]", "[data-baseweb=calendar]").join(",");
const NAMES = ["aria-label", "title", "placeholder", "alt"];
const LEFT_ALONE = ".sp, [data-testid=stMarkdown], [data-testid=stHtml], [data-testid=stText], textarea, [lang]:not(html)";

function sayWords(node, words) {
  const text = node.nodeValue.trim();
  const said = words[text];
  if (said && !node.parentElement?.closest(LEFT_ALONE)) node.nodeValue = node.nodeValue.replace(text, said);
}
function sayNames(element, words) {
  for (const name of NAMES) {
    const said = words[element.getAttribute(name)];
    if (said) element.setAttribute(name, said);
  }
}
function say(place, words) {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = place; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) sayWords(node, words);
    else sayNames(node, words);
  }
}
function sayIn(node, words) {
  const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
  if (!element?.isConnected) return;
  const around = element.closest(PLACES);
  if (around) say(node.nodeType === Node.ELEMENT_NODE ? element : around, words);
  else for (const place of element.querySelectorAll(PLACES)) say(place, words);
}

// The server takes no connection without a session: a page left open past its end goes to the sign-in page by itself.
const ASK_AGAIN_MS = 4000;
async function leaveWhenSignedOut() {
  const state = document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-connection-state");
  if (!state || state === "CONNECTED") return;
  try {
    const answer = await fetch(location.pathname, { method: "HEAD", redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") location.reload();
  } catch {
    // the desk itself is away: Streamlit tries again
  }
}

export default function ({ data }) {
  document.documentElement.lang = data.language;
  const words = data.words;
  const watcher = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") for (const node of change.addedNodes) sayIn(node, words);
      else if (change.type === "characterData") sayIn(change.target, words);
      else if (change.target.matches(PLACES) || change.target.closest(PLACES)) sayNames(change.target, words);
    }
  });
  if (Object.keys(words).length) {
    for (const place of document.querySelectorAll(PLACES)) say(place, words);
    watcher.observe(document.body, { childList: true, characterData: true, subtree: true, attributes: true, attributeFilter: NAMES });
  }
  const asking = setInterval(leaveWhenSignedOut, ASK_AGAIN_MS);
  return () => {
    watcher.disconnect();
    clearInterval(asking);
  };
}

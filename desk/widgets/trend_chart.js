// Two panels over one time: bars, and below them a line with its margin. One focus stop, arrows inside, Enter opens.
// What was not heard is hatched; the line breaks where there is nothing to tell: nothing is drawn in between.
const SVG = "http://www.w3.org/2000/svg";

function percent(share) { return `${(100 * share).toFixed(3)}%`; }

function drawAxis(panel, marks, zero) {
  for (const mark of marks) {
    const line = el("i", `rule${zero !== null && Math.abs(mark.at - zero) < 1e-6 ? " zero" : ""}`);
    const text = el("span", "tick", mark.text);
    line.style.bottom = text.style.bottom = percent(mark.at);
    panel.append(line, text);
  }
}

function drawMissed(plot, points) {
  // Stretches that touch are one.
  let from = null, to = null;
  const flush = () => {
    if (from === null) return;
    const hatch = el("i", "missed");
    hatch.style.left = percent(from / points.length);
    hatch.style.width = percent((to - from) / points.length);
    plot.append(hatch);
    from = null;
  };
  points.forEach((point, at) => {
    for (const [begin, end] of point.missed) {
      if (from !== null && at + begin > to + 1e-6) flush();
      if (from === null) from = at + begin;
      to = Math.max(to ?? 0, at + end);
    }
  });
  flush();
}

function drawBars(plot, points) {
  points.forEach((point, at) => {
    if (point.bar === null) return;
    const bar = el("i", `bar${point.is_over ? "" : " open"}${point.mark ? " peak" : ""}`);
    bar.style.left = percent((at + 0.14) / points.length);
    bar.style.width = percent(0.72 / points.length);
    bar.style.height = percent(point.bar);
    plot.append(bar);
    if (!point.mark) return;
    const mark = el("span", "mark", point.mark);
    mark.style.bottom = percent(Math.min(point.bar, 0.9));
    if (at > points.length / 2) mark.style.right = `calc(${percent(1 - at / points.length)} + 2px)`;
    else mark.style.left = `calc(${percent((at + 1) / points.length)} + 2px)`;
    plot.append(mark);
  });
}

function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function drawLine(plot, points) {
  const dots = document.createDocumentFragment();
  const svg = shape("svg", { viewBox: `0 0 ${points.length} 1`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const runs = [];
  points.forEach((point, at) => {
    if (point.line === null) return;
    const last = runs.at(-1);
    if (last && last.at(-1).at === at - 1) last.push({ ...point, at });
    else runs.push([{ ...point, at }]);
  });
  for (const run of runs) {
    const place = (value) => (p) => `${p.at + 0.5},${1 - p[value]}`;
    const band = [...run.map(place("high")), ...run.toReversed().map(place("low"))];
    if (run.length > 1) {
      svg.append(shape("polygon", { points: band.join(" "), class: "band" }));
      svg.append(shape("polyline", { points: run.map(place("line")).join(" "), class: "line" }));
    } else {
      const whisker = el("i", "whisker"), [only] = run;
      whisker.style.left = percent((only.at + 0.5) / points.length);
      whisker.style.bottom = percent(only.low);
      whisker.style.height = percent(only.high - only.low);
      plot.append(whisker);
    }
    for (const p of run) if (run.length < 3 || p.line_mark) drawDot(dots, p, points.length);
  }
  plot.append(svg, dots);
}

function drawDot(plot, point, steps) {
  const dot = el("i", "dot");
  dot.style.left = percent((point.at + 0.5) / steps);
  dot.style.bottom = percent(point.line);
  plot.append(dot);
  if (!point.line_mark) return;
  const mark = el("span", "mark", point.line_mark);
  mark.style.bottom = `calc(${percent(point.line)} - 8px)`;
  if (point.at > steps / 2) mark.style.right = `calc(${percent(1 - (point.at + 0.5) / steps)} + 6px)`;
  else mark.style.left = `calc(${percent((point.at + 0.5) / steps)} + 6px)`;
  plot.append(mark);
}

function drawTimes(times, chart) {
  for (const mark of chart.times) {
    const text = el("span", "", mark.text);
    text.style.left = percent((mark.at + 0.5) / chart.points.length);
    times.append(text);
  }
}

function drawHits(memory, chart) {
  const list = el("div", "hits");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", chart.sentence);
  memory.at = Math.min(memory.at ?? chart.points.length - 1, chart.points.length - 1);
  memory.hits = chart.points.map((point, at) => {
    const hit = el("button", "hit", el("span", "vh", point.said));
    hit.type = "button";
    hit.tabIndex = at === memory.at ? 0 : -1;
    hit.addEventListener("click", () => { comeBack(memory, at); memory.open(at); });
    hit.addEventListener("focus", () => { reach(memory, at, false); memory.said.textContent = point.said; });
    hit.addEventListener("mouseenter", () => { memory.said.textContent = point.said; });
    list.append(hit);
    return hit;
  });
  list.addEventListener("mouseleave", () => {
    const held = memory.hits.indexOf(list.getRootNode().activeElement);
    memory.said.textContent = held >= 0 ? chart.points[held].said : chart.hint;
  });
  list.addEventListener("keydown", (event) => {
    const moves = { ArrowRight: memory.at + 1, ArrowLeft: memory.at - 1, Home: 0, End: chart.points.length - 1 };
    if (!(event.key in moves) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    reach(memory, Math.max(0, Math.min(chart.points.length - 1, moves[event.key])), true);
  });
  return list;
}

// The dialog with the posts gives the focus back to the host of this chart, which cannot hold it.
function comeBack(memory, at) {
  let seen = false;
  memory.watch?.disconnect();
  memory.watch = new MutationObserver(() => {
    const open = document.querySelector("[role=dialog]") !== null;
    if (seen && !open) {
      memory.watch.disconnect();
      setTimeout(() => { if (document.activeElement === document.body) memory.hits[at]?.focus(); }, 60);
    }
    seen ||= open;
  });
  memory.watch.observe(document.body, { childList: true, subtree: true });
}

function reach(memory, at, moves) {
  memory.hits[memory.at].tabIndex = -1;
  memory.at = at;
  memory.hits[at].tabIndex = 0;
  if (moves) memory.hits[at].focus();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const memory = memoryOf(parentElement, () => ({ root: el("div", "sp trend-chart") }));
  memory.open = (at) => setTriggerValue("open", at);
  const chart = data.chart, drawn = JSON.stringify(chart);
  if (memory.drawn === drawn) return;
  memory.drawn = drawn;
  const bars = el("div", "plot bars"), line = el("div", "plot line-plot"), times = el("div", "times");
  for (const plot of [bars, line]) plot.setAttribute("aria-hidden", "true");
  times.setAttribute("aria-hidden", "true");
  drawAxis(bars, chart.bar_axis, null);
  drawAxis(line, chart.line_axis, chart.zero);
  drawMissed(bars, chart.points);
  drawMissed(line, chart.points);
  drawBars(bars, chart.points);
  drawLine(line, chart.points);
  drawTimes(times, chart);
  memory.said = el("p", "said", chart.hint);
  memory.said.setAttribute("aria-hidden", "true");  // Each point says itself when it is reached.
  memory.root.replaceChildren(
    el("p", "name", chart.bars_name), el("p", "name second", chart.line_name), bars, line, times, drawHits(memory, chart), memory.said);
}

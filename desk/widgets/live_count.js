// The count below a text field of Streamlit, while somebody types: Streamlit itself tells Python only afterwards.
function counted(text, unit) {
  if (unit === "graphemes" && Intl.Segmenter) return [...new Intl.Segmenter().segment(text)].length;
  return [...text].length;
}
function show(memory) {
  const field = document.querySelector(`.st-key-${CSS.escape(memory.data.field)} textarea`);
  const used = counted((field ? field.value : memory.data.text).trim(), memory.data.unit), limit = memory.data.limit;
  const over = limit !== null && used > limit;
  memory.number.textContent = limit === null ? `${used}` : `${used} / ${limit}`;
  memory.words.textContent = over ? memory.data.over.replace("{n}", used - limit) : "";
  memory.root.className = `live-count${over ? " over" : limit && used > limit * 0.92 ? " near" : ""}`;
}

export default function ({ data, parentElement }) {
  const memory = memoryOf(parentElement, () => ({ root: el("div", "live-count"), number: el("span", "number"), words: el("span", "words") }));
  memory.data = data;
  if (!memory.listener) {
    memory.root.append(memory.number, memory.words);
    memory.words.setAttribute("role", "status");
    memory.listener = (event) => {
      if (event.target.closest?.(`.st-key-${CSS.escape(memory.data.field)}`)) show(memory);
    };
    document.addEventListener("input", memory.listener);
  }
  show(memory);
  return () => {
    document.removeEventListener("input", memory.listener);
    memory.listener = null;
  };
}

// Tells Python every few seconds that this window is still here.
export default function ({ data, parentElement, setTriggerValue }) {
  const memory = memoryOf(parentElement, () => ({ root: el("span", "vh") }));
  memory.send = () => setTriggerValue("beat", Date.now());
  if (memory.every_ms !== data.every_ms) {
    clearInterval(memory.timer);
    memory.every_ms = data.every_ms;
    memory.timer = setInterval(() => memory.root.isConnected && memory.send(), data.every_ms);
  }
  return () => {
    clearInterval(memory.timer);
    memory.every_ms = 0;
  };
}

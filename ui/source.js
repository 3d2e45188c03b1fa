// Runs when the source pane is on the page. `element`, `trigger` and `watch` are Gradio's.
const page = document.documentElement;

const point = () => {
  const { turn, n } = element.querySelector(".source")?.dataset ?? {};
  for (const cite of document.querySelectorAll(".cite")) {
    const open = cite.dataset.turn === turn && cite.dataset.n === n;
    open ? cite.setAttribute("aria-current", "true") : cite.removeAttribute("aria-current");
  }
};

const reveal = () => {
  point();
  const quote = element.querySelector("#quote");
  if (!quote || !page.classList.contains("source-open")) return;
  quote.scrollIntoView({ block: "center" });
  quote.focus({ preventScroll: true }); // so that a keyboard goes on from here, and a screen reader reads it
};

page.whosaysShow = (name) =>
  [...document.querySelectorAll("#views [role=tab]")].find((tab) => tab.textContent.trim() === name)?.click();

const close = () => {
  const back = page.whosaysBack; // to the picture that opened it, which lies over the chat too
  page.whosaysBack = null;
  if (back) return back();
  page.classList.remove("source-open");
  document.dispatchEvent(new Event("whosays-closed"));
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && "close" in button.dataset) close();
  else if (button?.dataset.n) trigger("cite", { turn: Number(button.dataset.turn), n: Number(button.dataset.n) });
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape" && !typing) {
    const menu = document.querySelector("details.menu[open]");
    if (menu) menu.open = false;
    else if (page.classList.contains("source-open")) close();
  }
  const label = { ArrowLeft: "Previous citation", ArrowRight: "Next citation" }[event.key];
  if (!label || typing || event.target.closest?.("[role=tab]") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (!page.classList.contains("source-open")) return;
  element.querySelector(`.source [aria-label="${label}"]:not(:disabled)`)?.click();
});
document.addEventListener("whosays-reveal", ({ detail }) => {
  const shown = element.querySelector(".source")?.dataset;
  if (shown?.turn === detail.turn && shown?.n === detail.n) reveal(); // nothing will change, so nothing would be heard
});
watch("value", reveal);
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

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

const close = () => {
  page.classList.remove("source-open");
  document.dispatchEvent(new Event("whosays-closed"));
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && "close" in button.dataset) close();
  else if (button?.dataset.n) trigger("cite", { turn: Number(button.dataset.turn), n: Number(button.dataset.n) });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && page.classList.contains("source-open")) close();
});
document.addEventListener("whosays-reveal", reveal);
watch("value", reveal);

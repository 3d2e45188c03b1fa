// Runs when a picture of the answer is on the page: its numbers open the source, which leads back here when it closes.
// `element` and `trigger` are Gradio's.
const page = document.documentElement;

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && "close" in button.dataset) {
    page.classList.remove("source-open");
    document.dispatchEvent(new Event("whosays-closed"));
  }
  if (!button?.dataset.n) return;
  const { turn, n } = button.dataset;
  page.classList.add("source-open");
  page.whosaysBack = () => {
    page.whosaysShow(element.closest("#ledger") ? "Table" : "Timeline");
    setTimeout(() => element.querySelector(`.cite[data-n="${n}"]`)?.focus()); // once it is shown
  };
  page.whosaysShow("Source");
  trigger("cite", { turn: Number(turn), n: Number(n) });
  setTimeout(() => document.dispatchEvent(new CustomEvent("whosays-reveal", { detail: { turn, n } })));
});

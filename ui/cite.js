// Runs when a picture of the answer is on the page: its numbers open the source. `element` and `trigger` are Gradio's.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && "close" in button.dataset) {
    document.documentElement.classList.remove("source-open");
    document.dispatchEvent(new Event("whosays-closed"));
  }
  if (!button?.dataset.n) return;
  document.documentElement.classList.add("source-open");
  trigger("cite", { turn: Number(button.dataset.turn), n: Number(button.dataset.n) });
});

// Runs when a picture of the answer is on the page: its numbers open the source. `element` and `trigger` are Gradio's.
element.addEventListener("click", (event) => {
  const { n, turn } = event.target.closest("button")?.dataset ?? {};
  if (!n) return;
  document.documentElement.classList.add("source-open");
  trigger("cite", { turn: Number(turn), n: Number(n) });
});

// Runs when the conversation is on the page. `element`, `trigger` and `watch` are Gradio's.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.ask) trigger("example", { question: button.dataset.ask });
  if (button?.dataset.n) {
    document.documentElement.classList.add("source-open");
    element.whosaysOpener = button;
    trigger("cite", { turn: Number(button.dataset.turn), n: Number(button.dataset.n) });
    const shown = document.querySelector("#source .source");
    const same = shown?.dataset.turn === button.dataset.turn && shown?.dataset.n === button.dataset.n;
    if (same) document.dispatchEvent(new Event("whosays-reveal")); // nothing will change, so nothing would be heard
  }
});

document.addEventListener("whosays-closed", () => element.whosaysOpener?.focus());

watch("value", () => {
  const turns = element.querySelectorAll(".turn");
  turns[turns.length - 1]?.scrollIntoView({ block: "start" });
});

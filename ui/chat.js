// Runs when the conversation is on the page. `element`, `trigger` and `watch` are Gradio's.
let asked = 0; // questions seen, so that the page moves only when one is added

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { ask, act, n, turn, at } = button.dataset;
  if (ask) trigger("example", { question: ask });
  if (act === "table") {
    document.documentElement.classList.add("source-open");
    element.whosaysOpener = button;
    [...document.querySelectorAll("#views [role=tab]")].find((tab) => tab.textContent.trim() === "Table")?.click();
  }
  if (act === "retry") trigger("retry", {});
  if (act === "edit") trigger("amend", { keep: true });
  if (act === "undo") trigger("withdraw", { keep: false });
  if (["copy", "markdown", "html", "json", "bibtex"].includes(act)) trigger("take", { at: Number(at), form: act });
  if (n) {
    document.documentElement.classList.add("source-open");
    element.whosaysOpener = button;
    trigger("cite", { turn: Number(turn), n: Number(n) });
    const shown = document.querySelector("#source .source");
    const same = shown?.dataset.turn === turn && shown?.dataset.n === n;
    if (same) document.dispatchEvent(new Event("whosays-reveal")); // nothing will change, so nothing would be heard
  }
});

document.addEventListener("whosays-closed", () => element.whosaysOpener?.focus());

watch("value", () => {
  const turns = element.querySelectorAll(".turn");
  if (turns.length > asked) turns[turns.length - 1].scrollIntoView({ block: "start" });
  asked = turns.length;
});

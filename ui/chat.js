// Runs when the conversation is on the page. `element`, `trigger` and `watch` are Gradio's.
let asked = 0; // questions seen, so that the page moves only when one is added

let opener = null; // what opened the source, and how to find it when the conversation was drawn anew
let again = ""; // what had the focus, to have it again when the conversation is drawn anew

const closeMenu = (button) => {
  const menu = button.closest("details.menu");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { ask, act, n, turn, at } = button.dataset;
  if (ask) trigger("example", { question: ask });
  if (act === "table") {
    document.documentElement.classList.add("source-open");
    opener = { button, selector: `[data-act=table][data-at="${at}"]` };
    document.documentElement.whosaysShow("Table");
  }
  if (act === "retry") trigger("retry", {});
  if (act === "edit") {
    trigger("amend", { keep: true });
    document.querySelector("#question textarea").focus();
  }
  if (act === "undo") trigger("withdraw", { keep: false });
  if (["helpful", "unhelpful"].includes(act)) trigger("judge", { at: Number(at), helpful: act === "helpful" });
  if (act === "note") trigger("note", { at: Number(at), note: element.querySelector(`[data-note="${at}"]`).value });
  if (["helpful", "unhelpful", "note"].includes(act)) again = `[data-act="${act}"][data-at="${at}"]`;
  closeMenu(button);
  if (["copy", "markdown", "html", "json", "bibtex", "csl"].includes(act)) trigger("take", { at: Number(at), form: act });
  if (n) {
    document.documentElement.classList.add("source-open");
    document.documentElement.whosaysBack = null;
    opener = { button, selector: `.cite[data-turn="${turn}"][data-n="${n}"]` };
    document.documentElement.whosaysShow("Source");
    trigger("cite", { turn: Number(turn), n: Number(n) });
    setTimeout(() => document.dispatchEvent(new CustomEvent("whosays-reveal", { detail: { turn, n } })));
  }
});

document.addEventListener("whosays-closed", () => {
  const same = opener?.button.isConnected && opener.button.matches(opener.selector);
  (same ? opener.button : opener && element.querySelector(opener.selector))?.focus();
});

document.addEventListener("whosays-copied", (event) => {
  const button = document.activeElement.matches("[data-act=copy]") ? document.activeElement : null;
  if (!button) return;
  button.textContent = event.detail ? "Copied" : "Not copied: the browser forbids it";
  setTimeout(() => (button.textContent = "Copy"), 2000);
});

watch("value", () => {
  const turns = element.querySelectorAll(".turn");
  if (turns.length > asked) turns[turns.length - 1].scrollIntoView({ block: "start" });
  if (!turns.length) element.closest("#conversation").scrollTop = 0;
  asked = turns.length;
  if (again && document.activeElement === document.body) element.querySelector(again)?.focus();
  again = "";
});

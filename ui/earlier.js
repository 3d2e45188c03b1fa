// Runs when the list of earlier conversations is on the page. `element`, `trigger` and `watch` are Gradio's.
// The list comes from the server together with the last conversation: a question put before waits for it, or the one
// would take the other's place.
let early = null; // what was pressed too soon

const hold = (event) => {
  const asks = event.type === "click" ? "#question button, [data-ask]" : "#question textarea";
  const pressed = event.target.closest(asks);
  if (!pressed || element.querySelector("[data-new]")) return;
  if (event.type === "keydown" && (event.key !== "Enter" || event.shiftKey || event.isComposing)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  early = pressed.matches("textarea") ? document.querySelector("#question .submit-button") : pressed;
};

for (const type of ["click", "keydown"]) document.addEventListener(type, hold, true);
watch("value", () => {
  const held = early;
  early = null;
  held?.click();
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("new" in button.dataset) {
    trigger("new", {});
    document.querySelector("#question textarea").focus();
  }
  if (button.dataset.at) {
    trigger("take", { at: Number(button.dataset.at), form: button.dataset.act });
    button.closest("details").open = false;
  }
  if ("new" in button.dataset || button.dataset.reopen) document.documentElement.classList.remove("source-open");
  if (button.dataset.reopen) trigger("reopen", { id: button.dataset.reopen });
});

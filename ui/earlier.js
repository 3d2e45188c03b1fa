// Runs when the list of earlier conversations is on the page. `element` and `trigger` are Gradio's.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("new" in button.dataset) trigger("new", {});
  if (button.dataset.reopen) trigger("reopen", { id: button.dataset.reopen });
});

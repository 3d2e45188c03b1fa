// Runs when a part of the library's page is on it. `element`, `trigger` and `watch` are Gradio's.
const page = document.documentElement;
const inArticle = Boolean(element.closest("#article"));
let again = ""; // what had the focus, to have it again when the part is drawn anew

const named = (target) => {
  for (const name of ["data-does", "data-sort", "data-page", "data-open", "data-id", "data-all"]) {
    if (target.hasAttribute(name)) return `[${name}="${CSS.escape(target.getAttribute(name))}"]`;
  }
  return "";
};

const close = () => {
  page.classList.remove("source-open");
  document.querySelector(`#listing ${page.whosaysOpener}`)?.focus();
  page.whosaysOpener = undefined;
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  again = named(button);
  const { does, sort, page: leaf, open } = button.dataset;
  if ("close" in button.dataset) close();
  if (sort) trigger("sort", { by: sort });
  if (leaf) trigger("leaf", { to: Number(leaf) });
  if (open) {
    page.classList.add("source-open");
    page.whosaysOpener ??= named(button);
    trigger("open", { id: open });
  }
  if (does === "ask") trigger("go", {});
  if (does === "none") trigger("choose_all", { on: false });
  if (does === "again") trigger("again", {});
  if (does === "remove") trigger("remove", {});
  if (does === "removing" || does === "keep") trigger("ask_first", { on: does === "removing" });
});

element.addEventListener("change", (event) => {
  const box = event.target;
  if (box.type !== "checkbox") return;
  again = named(box);
  if ("all" in box.dataset) trigger("choose_all", { on: box.checked });
  else trigger("choose", { id: box.dataset.id, on: box.checked });
});

if (inArticle) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && page.classList.contains("source-open")) close();
  });
}

watch("value", () => {
  if (inArticle) {
    element.scrollTop = 0;
    if (page.classList.contains("source-open")) element.querySelector("h2")?.focus({ preventScroll: true });
  } else if (again) {
    const back = element.querySelector(again) ?? element.querySelector("[data-does]");
    if (document.activeElement === document.body) back?.focus();
    again = "";
  }
});

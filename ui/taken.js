// Runs when what is taken away has come from the server: it is copied, or saved as a file.
const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedAsSelection(text); // a page without https has no clipboard
  }
};

const copiedAsSelection = (text) => {
  const before = document.activeElement;
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  before?.focus();
  return done;
};

watch("value", async () => {
  const held = element.querySelector("div[hidden]");
  if (!held) return;
  const text = held.textContent;
  if (!held.dataset.file) {
    document.dispatchEvent(new CustomEvent("whosays-copied", { detail: await copied(text) }));
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: held.dataset.media }));
  link.download = held.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});

// Runs when what is taken away has come from the server: it is copied, or saved as a file.
watch("value", () => {
  const held = element.querySelector("div[hidden]");
  if (!held) return;
  const text = held.textContent;
  if (!held.dataset.file) {
    navigator.clipboard.writeText(text);
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: held.dataset.media }));
  link.download = held.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});

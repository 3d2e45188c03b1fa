// Conversations are kept in this browser, never on the server: all of them, else as many of the newest as it has room for.
(text) => {
  const all = JSON.parse(text || "[]");
  const told = (gone) =>
    `<p class="error" role="alert">This browser has no room left: ${gone} not kept. Save what you need.</p>`;
  for (let n = all.length; n > 0; n--) {
    try {
      localStorage.setItem("whosays-conversations", JSON.stringify(all.slice(0, n)));
      return n === all.length ? "" : told(n === all.length - 1 ? "the oldest conversation is" : "the oldest ones are");
    } catch {
      continue; // with one less
    }
  }
  if (all.length) return told("this conversation is");
  try {
    localStorage.removeItem("whosays-conversations");
  } catch {
    return ""; // there was nothing to keep, and nothing is
  }
  return "";
}

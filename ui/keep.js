// Conversations are kept in this browser, never on the server: all of them, else as many of the newest as it has room for.
(text) => {
  const all = JSON.parse(text || "[]");
  for (let n = all.length; n >= 0; n--) {
    try {
      localStorage.setItem("whosays-conversations", JSON.stringify(all.slice(0, n)));
      if (n === all.length) return "";
      const gone = n ? `the ${all.length - n} oldest conversations are` : "this conversation is";
      return `<p class="error" role="alert">This browser has no room left: ${gone} not kept. Save what you need.</p>`;
    } catch {
      continue;
    }
  }
  return '<p class="error" role="alert">This browser keeps nothing for this page. Save what you need.</p>';
}

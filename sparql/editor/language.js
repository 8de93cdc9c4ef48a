// Keeps the chosen language (中英, 中文, English) from page to page. Without script the choice holds on its page, by CSS.
// It runs before the page is drawn, so nothing moves.
(() => {
  const root = document.documentElement;
  const kept = () => {
    try { return localStorage.getItem("language") || "both"; } catch { return "both"; }
  };
  let title;
  const show = choice => {
    root.dataset.language = choice;
    root.lang = choice === "en" ? "en" : "zh-Hans";
    // A placeholder has room for one text and takes no markup.
    for (const field of document.querySelectorAll("input[data-en]")) {
      field.dataset.both ??= field.placeholder;
      field.placeholder = field.dataset[choice];
    }
    const english = document.querySelector("h1 .en");
    if (!english) return; // not drawn yet, or a name without translation
    title ??= document.title;
    document.title = choice === "en" ? `${english.textContent} · Mingzhang` : title;
  };
  show(kept());
  // Also when a page comes back from the browser's memory, where it still stands as it was left.
  addEventListener("pageshow", () => {
    show(kept());
    const chosen = document.querySelector(`input[name=language][value=${kept()}]`);
    if (chosen) chosen.checked = true;
  });
  addEventListener("change", event => {
    if (event.target.name !== "language") return;
    try { localStorage.setItem("language", event.target.value); } catch { /* private browsing: for this page only */ }
    show(event.target.value);
  });
})();

// The search page: asks the static index (Pagefind) and lists what it finds. Without script the page explains the lists.
// The index is the one beside this script: under /releases/{id}/, where that release's pages are, it is that release's.
const index = new URL("../pagefind/", import.meta.url).pathname;
const field = document.querySelector("#search-q");
const list = document.querySelector("#search-results");
const status = document.querySelector("#search-status");
const kinds = document.querySelector("#search-kinds");
const shown = 40;
const asked = new URLSearchParams(location.search);

// Chinese is indexed one character a word; as a phrase, the characters must stand in this order, side by side.
function phrase(text) {
  return text.trim().split(/\s+/).map(word => {
    const spaced = word.replace(/[\u3400-\u9fff]/g, " $& ").trim();
    return /\s/.test(spaced) ? `"${spaced.replace(/\s+/g, " ")}"` : spaced;
  }).join(" ");
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Words in both languages, each in its own element, as on every page.
function pair(zh, en) {
  const both = document.createDocumentFragment();
  both.append(element("span", zh, { class: "zh" }), " ", element("span", en, { class: "en", lang: "en" }));
  return both;
}

function named(name) {
  const [zh, ...en] = name.split(" ");
  return pair(zh, en.join(" "));
}

function row(found) {
  const item = document.createElement("li");
  const { meta } = found;
  const kind = element("span", "", { class: "note" });
  kind.append(pair(meta.kind, meta.kind_en));
  const link = element("a", "", { href: found.url });
  link.append(meta.en ? pair(meta.title, meta.en) : meta.title);
  item.append(kind, " ", link);
  if (meta.code) item.append(" ", element("span", meta.code, { class: "note" }));
  return item;
}

function facet(name, count, chosen) {
  const query = new URLSearchParams({ q: field.value });
  if (name && name !== chosen) query.set("kind", name);
  const attributes = { href: `?${query}` };
  if (name === chosen) attributes["aria-current"] = "true";
  const item = document.createElement("li");
  const link = element("a", "", attributes);
  link.append(named(name || "全部 All"));
  item.append(link, " ", element("span", count, { class: "count" }));
  return item;
}

async function search(pagefind) {
  const text = field.value.trim();
  if (!text) return;
  const chosen = asked.get("kind") || "";
  const all = (await pagefind.search(phrase(text))).results;
  const kind = await (await fetch(`${index}kinds.json`)).json();
  const name = result => kind.names[kind.of[result.id]];
  const found = chosen ? all.filter(result => name(result) === chosen) : all;
  const rows = await Promise.all(found.slice(0, shown).map(result => result.data()));
  const more = found.length > shown;
  status.replaceChildren(pair(
    `${found.length} 个结果${more ? `，列出前 ${shown} 个` : ""}`,
    `${found.length} results${more ? `, first ${shown} shown` : ""}`,
  ));
  list.replaceChildren(...rows.map(row));
  const counts = kind.names.map(each => [each, all.filter(result => name(result) === each).length]);
  kinds.replaceChildren(
    facet("", all.length, chosen),
    ...counts.filter(([, count]) => count > 0).map(([each, count]) => facet(each, count, chosen)),
  );
}

field.value = asked.get("q") || "";
if (field.value) {
  const pagefind = await import(`${index}pagefind.js`);
  await pagefind.init();
  await search(pagefind);
}

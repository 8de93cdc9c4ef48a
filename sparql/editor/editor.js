// Turns the text area of the query form into an editor with completion. The form works without this file.
// What is completed comes from the release itself: its VoID description, and the prefixes that the page names.

const area = document.getElementById("query");
const about = document.getElementById("editor");
const prefixes = JSON.parse(about.dataset.prefixes);

const VOID = `PREFIX void: <http://rdfs.org/ns/void#>
SELECT DISTINCT ?class ?property { { ?part void:class ?class } UNION { ?part void:property ?property } }`;
const CLASSES = "SELECT DISTINCT ?class { ?thing a ?class } LIMIT 1000";
const PROPERTIES = "SELECT DISTINCT ?property { ?thing ?property ?value } LIMIT 1000";

/** The solutions of a query, each as an object of strings; none where it cannot be answered. */
async function solutions(query) {
  const address = `${area.form.action}?${new URLSearchParams({ query, format: "json", timeout: "5" })}`;
  const response = await fetch(address).catch(() => null);
  if (!response || !response.ok) return [];
  const rows = (await response.json()).results.bindings;
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, term]) => [name, term.value])));
}

/** The values of a variable, in order, each once. */
function values(rows, name) {
  return [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort();
}

/** The classes and properties that occur: from VoID, else from the data. */
async function vocabulary() {
  const described = await solutions(VOID);
  const rows = described.length ? described : [...(await solutions(CLASSES)), ...(await solutions(PROPERTIES))];
  return { class: values(rows, "class"), property: values(rows, "property") };
}

const known = vocabulary();
const own = { persistenceId: null, bulk: true };
Yasqe.forkAutocompleter("prefixes", {
  ...own,
  name: "own-prefixes",
  get: () => Object.entries(prefixes).map(([name, namespace]) => `${name}: <${namespace}>`),
});
Yasqe.forkAutocompleter("class", { ...own, name: "own-class", get: () => known.then((terms) => terms.class) });
Yasqe.forkAutocompleter("property", { ...own, name: "own-property", get: () => known.then((terms) => terms.property) });

const editor = new Yasqe(about, {
  value: area.value,
  autocompleters: ["own-prefixes", "own-class", "own-property", "variables"],
  persistenceId: null,
  createShareableLink: null,
  consumeShareLink: null,
  showQueryButton: false,
  lineWrapping: true,
  screenReaderLabel: about.dataset.label,
  extraKeys: {
    ...Yasqe.defaults.extraKeys,
    "Ctrl-Enter": () => area.form.requestSubmit(),
    "Cmd-Enter": () => area.form.requestSubmit(),
    // The keyboard leads out of the editor as it leads in.
    Tab: false,
    "Shift-Tab": false,
  },
});
area.hidden = true;
area.labels.forEach((label) => label.addEventListener("click", () => editor.focus()));
editor.on("change", () => { area.value = editor.getValue(); });
area.form.addEventListener("submit", () => { area.value = editor.getValue(); });
if (about.dataset.line) {
  editor.setCursor({ line: about.dataset.line - 1, ch: about.dataset.column - 1 });
  editor.focus();
}
about.dataset.ready = "yes";

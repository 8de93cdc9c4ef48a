// Tables that can be sorted and, where they are long, searched. Without script they are read as they stand.
const sortable = "table:not(.printed)";
const chinese = new Intl.Collator("zh");
const shortest = 3, long = 16;

// "1,570.83 万元" → 1570.83, "12.5%" → 12.5; NaN where there is no number, undefined where there is nothing at all.
function value(cell) {
  const text = (cell.dataset.value ?? cell.textContent).trim();
  if (text === "" || text === "—" || text === "-" || cell.querySelector(".muted")) return undefined;
  const number = /^[<>≤≥=]*\s*([+-]?[\d,]*\.?\d+)/.exec(text);
  return number && !/\d[-/年]\d/.test(text) ? Number(number[1].replaceAll(",", "")) : NaN;
}

function shown(cell) {
  return cell.innerText.trim();
}

// Numbers by their value, words by their sound; what is blank comes last, whichever way the rest goes.
function sort(table, column, down) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map(row => ({ row, cell: row.cells[column] }));
  const keys = rows.map(({ row, cell }) => ({ row, number: value(cell), text: shown(cell) }));
  const numeric = keys.every(key => key.number === undefined || !Number.isNaN(key.number));
  const blank = key => (numeric ? key.number === undefined : key.text === "" || key.text === "—");
  keys.sort((a, b) => {
    if (blank(a) || blank(b)) return blank(a) - blank(b);
    const order = numeric ? a.number - b.number : chinese.compare(a.text, b.text);
    return down ? -order : order;
  });
  body.append(...keys.map(key => key.row));
}

function addButtons(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      // What is counted is first asked for from the largest down, names from the beginning.
      const down = now ? now === "ascending" : head.classList.contains("n");
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(table, column, down);
    });
  });
  table.classList.add("sortable");
}

function addFilter(table) {
  const field = document.createElement("input");
  field.type = "search";
  Object.assign(field.dataset, { both: "筛选 Filter", zh: "筛选", en: "Filter" }); // language.js chooses
  field.placeholder = field.dataset[document.documentElement.dataset.language] || field.dataset.both;
  field.setAttribute("aria-label", "筛选此表 Filter this table");
  const count = document.createElement("span");
  count.className = "count";
  count.setAttribute("role", "status");
  field.addEventListener("input", () => {
    const asked = field.value.trim().toLowerCase();
    const rows = [...table.tBodies[0].rows];
    rows.forEach(row => { row.hidden = !row.textContent.toLowerCase().includes(asked); });
    count.textContent = asked ? `${rows.filter(row => !row.hidden).length} / ${rows.length}` : "";
  });
  table.caption.append(field, " ", count);
}

for (const table of document.querySelectorAll(sortable)) {
  const body = table.tBodies[0];
  if (!table.tHead || table.tHead.rows.length !== 1 || !body || body.rows.length < shortest) continue;
  if ([...table.tHead.rows[0].cells, ...[...body.rows].flatMap(row => [...row.cells])].some(cell => cell.colSpan > 1 || cell.rowSpan > 1)) continue;
  addButtons(table);
  if (body.rows.length >= long && table.caption) addFilter(table);
}

// The page's behaviour: tables that can be sorted, searched and downloaded, and the explorer over the daily report.
// The numbers are in the element #data (orchestration/lib/report/explorer.py). Nothing is ever requested.
"use strict";
(async () => {
const DAY = 86400000, SHOWN = 50, FEWEST_CALLS_OF_A_RATE = 20;
const byId = id => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}
const data = await unpacked(byId("data").textContent);

// ---- how values are written

const whole = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});
const count = number => whole.format(number);
const money = cents => whole.format(cents / 100);
const exact = new Intl.NumberFormat("en-US", {minimumFractionDigits: 2, maximumFractionDigits: 2});
const exactMoney = cents => exact.format(cents / 100);
const signed = write => value => (value > 0 ? "+" : value < 0 ? "\u2212" : "\u00b1") + write(Math.abs(value));
const isoDay = day => new Date(day * DAY).toISOString().slice(0, 10);
const dayOf = text => Math.round(Date.parse(text + "T00:00:00Z") / DAY);
const rate = (part, all) => !all ? "no calls" :
  `${count(part)} of ${count(all)} calls` + (all >= FEWEST_CALLS_OF_A_RATE ? ` (${Math.round(100 * part / all)} %)` : "");
const WRITTEN = {text: value => value ?? "", count, money, moneyExact: exactMoney, change: signed(count), moneyChange: signed(money)};
// A spreadsheet runs a text that begins like a formula; an apostrophe makes it text.
const inCsv = (value, kind) => {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return kind.startsWith("money") ? (value / 100).toFixed(2) : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

// ---- tables

/* A table of {title, columns: [{title, kind}], rows: [[value]], file}; a number can come as [value, text]. `pick(row)`
   gives the first column a button, `link(value)` the column of kind "link" an address. */
function showTable(host, table) {
  const {columns, rows, title, file, pick, link} = table;
  // Another table in the same place starts with a new state.
  const titles = columns.map(column => column.title).join();
  const known = host.state?.titles === titles ? host.state : {titles, sort: table.sort, query: "", all: false};
  host.state = known;
  const raw = value => Array.isArray(value) ? value[0] : value;
  const written = (value, kind) => Array.isArray(value) ? value[1] : (WRITTEN[kind] ?? WRITTEN.text)(value);
  const isNumber = kind => !["text", "link"].includes(kind);
  const search = make("input", {type: "search", value: known.query, placeholder: "Search"});
  search.setAttribute("aria-label", `Search: ${title}`);
  const download = make("button", {type: "button", className: "download", textContent: "Download CSV"});
  download.setAttribute("aria-label", `Download CSV: ${title}`);
  const status = make("span", {className: "muted"});
  status.setAttribute("role", "status");
  const more = make("button", {type: "button", className: "more"});
  const body = make("tbody"), headings = make("tr");
  const element = make("table", {}, make("caption", {textContent: title}), make("thead", {}, headings), body);
  const region = make("div", {className: "scroll", tabIndex: 0}, element);
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", `Table: ${title}`);

  function selected() {
    const query = known.query.trim().toLowerCase();
    const found = query ? rows.filter(row => row.some((value, at) => written(value, columns[at].kind).toLowerCase().includes(query))) : [...rows];
    if (known.sort) {
      const [at, direction] = known.sort;
      const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
      found.sort((left, right) => {
        const a = raw(left[at]), b = raw(right[at]);
        if (a === null || b === null) return (a === null) - (b === null);
        return direction * compare(a, b);
      });
    }
    return found;
  }
  function cell(row, at) {
    const {kind} = columns[at], value = row[at];
    const element = make(at ? "td" : "th", {className: isNumber(kind) ? "number" : ""});
    if (!at) element.scope = "row";
    const text = value === null || value === undefined ? "" : written(value, kind);
    if (!at && pick && pick(row)) {
      const button = make("button", {type: "button", className: "pick"}, make("bdi", {textContent: text}));
      button.onclick = pick(row);
      element.append(button);
    } else if (kind === "link" && value && link) {
      element.append(make("a", {href: link(value), textContent: text, target: "_blank", rel: "noopener noreferrer"}));
    } else {
      element.append(isNumber(kind) ? text : make("bdi", {textContent: text}));
    }
    return element;
  }
  function fill() {
    const found = selected(), shown = known.all ? found : found.slice(0, SHOWN);
    body.replaceChildren(...shown.map(row => make("tr", {}, ...columns.map((_, at) => cell(row, at)))));
    status.textContent = `${count(shown.length)} of ${count(rows.length)} rows`;
    more.hidden = shown.length === found.length;
    more.textContent = `Show all ${count(found.length)} rows`;
    headings.replaceChildren(...columns.map((column, at) => {
      const [by, direction] = known.sort ?? [];
      const heading = make("th", {scope: "col", className: isNumber(column.kind) ? "number" : ""});
      const button = make("button", {type: "button", className: "sort", textContent: column.title});
      if (by === at) heading.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      button.onclick = () => {
        known.sort = [at, by === at ? -direction : isNumber(column.kind) ? -1 : 1];
        fill();
        headings.children[at].firstChild.focus();
      };
      heading.append(button);
      return heading;
    }));
  }
  search.oninput = () => { known.query = search.value; fill(); };
  more.onclick = () => { known.all = true; fill(); region.focus(); };
  download.onclick = () => {
    const lines = [columns.map(column => inCsv(column.title, "text"))];
    for (const row of selected()) lines.push(row.map((value, at) => inCsv(raw(value), columns[at].kind)));
    const text = "\ufeff" + lines.map(line => line.join(",")).join("\r\n") + "\r\n";
    const address = URL.createObjectURL(new Blob([text], {type: "text/csv"}));
    make("a", {href: address, download: `${file}.csv`}).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  fill();
  host.replaceChildren(make("div", {className: "tools"}, search, download, status), region, more);
}

const taskLink = data.salesforce ? id => `${data.salesforce}/${encodeURIComponent(id)}` : null;
for (const [key, table] of Object.entries(data.tables)) {
  if (byId(`${key}-table`)) showTable(byId(`${key}-table`), {...table, file: key});
}

// Paper has no buttons: it gets every table that a click would open.
const paper = matchMedia("print");
const opened = [];
function print(isPaper) {
  for (const fold of isPaper ? document.querySelectorAll("details.numbers-of:not([open])") : opened.splice(0)) {
    fold.open = isPaper;
    if (isPaper) opened.push(fold);
  }
}
paper.addEventListener("change", () => print(paper.matches));
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
if (paper.matches) print(true);

// ---- the explorer

const facts = data.facts, rows = facts.rows, size = rows.day.length;
if (!size) { document.documentElement.dataset.ready = "true"; return; }
const SEPARATE = new Set(["separate_outside_window", "separate_unknown_bizible_id"]);
const MATCHED = new Set(["merged", "merged_secondary"]);
const UNMATCHED = new Set([...SEPARATE, "none_without_bizible_id"]);
const WITHOUT_SESSION = "Calls without a web session";
const verdictTitle = verdict => verdict === "(none)" ? "No call made this touch" : data.verdicts[verdict] ?? verdict;
const isSeparate = facts.verdicts.map(verdict => SEPARATE.has(verdict));
const isMatched = facts.verdicts.map(verdict => MATCHED.has(verdict));
const isCall = facts.verdicts.map(verdict => verdict !== "(none)");
const paidRow = new Int32Array(size).fill(-1);
facts.money.row.forEach((row, at) => { paidRow[row] = at; });
// What a row is grouped by. A call without a session has no ad behind it, so it is no visit of unknown origin (`Other`).
const DIMENSIONS = {
  channel: {title: "Channel", of: row => facts.channels[rows.path[row] - 1] === "Other" && isSeparate[rows.verdict[row]] ? WITHOUT_SESSION : facts.channels[rows.path[row] - 1]},
  subchannel: {title: "Subchannel", of: row => facts.subchannels[rows.path[row] - 1]},
  campaign: {title: "Campaign", of: row => facts.campaigns[rows.campaign[row] - 1]},
  keyword: {title: "Keyword", of: row => facts.keywords[rows.keyword[row] - 1]},
  page: {title: "Landing page", of: row => facts.pages[rows.page[row] - 1]},
  type: {title: "Type of touch", of: row => facts.marketing_touch_types[rows.type[row]]},
  verdict: {title: "What happened to the call", of: row => verdictTitle(facts.verdicts[rows.verdict[row]])},
  month: {title: "Month", of: row => isoDay(rows.day[row]).slice(0, 7)},
};
const DRILL = ["channel", "subchannel", "campaign", "keyword", "page"];
const extent = days => days.reduce(([low, high], day) => [Math.min(low, day), Math.max(high, day)], [Infinity, -Infinity]);
const [first, end] = extent(rows.day);

const months = (day, by) => { const date = new Date(day * DAY); return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + by, 1) / DAY; };
const quarter = day => months(day, -(new Date(day * DAY).getUTCMonth() % 3));
const year = day => months(day, -new Date(day * DAY).getUTCMonth());
// Counted from the last day with a call, not from today: a page says the same whenever it is opened.
const daysOfCalls = rows.day.filter((_, row) => rows.calls[row]);
const last = daysOfCalls.length ? extent(daysOfCalls)[1] : end;
const PRESETS = {
  all: ["All data", () => [first, end]],
  month: ["Last full month", () => fullMonths(1)],
  quarter: ["Last full quarter", () => { const end = quarter(last + 1); return [months(end, -3), end - 1]; }],
  year: ["Last full year", () => { const end = year(last + 1); return [months(end, -12), end - 1]; }],
  this_month: ["Month of the last call", () => [months(last, 0), last]],
  this_year: ["Year of the last call", () => [year(last), last]],
  days_7: ["Last 7 days", () => [last - 6, last]],
  days_28: ["Last 28 days", () => [last - 27, last]],
  days_90: ["Last 90 days", () => [last - 89, last]],
};
function fullMonths(number) { const end = months(last + 1, 0); return [months(end, -number), end - 1]; }
/* The period of the same length before. Of whole months, as many months. */
function before([from, to]) {
  if (from === months(from, 0) && to + 1 === months(to + 1, 0)) {
    const a = new Date(from * DAY), b = new Date((to + 1) * DAY);
    const number = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
    return [months(from, -number), from - 1];
  }
  return [2 * from - to - 1, from - 1];
}

const isWithin = ([from, to]) => from >= first && to <= end;
const START = isWithin(before(fullMonths(1))) ? "month" : "all";
const DEFAULT = {period: START, compare: START === "month", model: "full_path", amount: "revenue", touches: daysOfCalls.length ? "calls" : "all", by: "channel", filters: {}};
let state;

function read() {
  const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const one = (name, allowed) => allowed.includes(given.get(name)) ? given.get(name) : DEFAULT[name];
  state = {
    period: DEFAULT.period, compare: given.has("compare") ? given.get("compare") === "1" : DEFAULT.compare,
    model: one("model", Object.keys(data.models)), amount: one("amount", ["revenue", "pipeline_revenue"]),
    touches: one("touches", ["calls", "all"]), by: one("by", Object.keys(DIMENSIONS)), filters: {},
  };
  const period = given.get("period") ?? "", range = period.match(/^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/);
  if (period in PRESETS) state.period = period;
  else if (range && dayOf(range[1]) <= dayOf(range[2])) state.period = [dayOf(range[1]), dayOf(range[2])];
  for (const name of Object.keys(DIMENSIONS)) if (given.has(name)) state.filters[name] = given.get(name);
}
const range = () => typeof state.period === "string" ? PRESETS[state.period][1]() : state.period;
function write() {
  const given = new URLSearchParams();
  given.set("period", typeof state.period === "string" ? state.period : state.period.map(isoDay).join(".."));
  for (const name of ["model", "amount", "touches", "by"]) if (state[name] !== DEFAULT[name]) given.set(name, state[name]);
  if (state.compare !== DEFAULT.compare) given.set("compare", state.compare ? "1" : "0");
  for (const [name, value] of Object.entries(state.filters)) given.set(name, value);
  history.replaceState(null, "", "#" + given);
}

// ---- sums

const nothing = () => ({calls: 0, matched: 0, separate: 0, touches: 0, money: 0});
/* The sums of a period, for each value of `of`. The measures of touches are those of the touches that are chosen. */
function sums([from, to], of) {
  const groups = new Map(), amounts = facts.money[`${state.model}_${state.amount}`];
  const filters = Object.entries(state.filters).map(([name, value]) => [DIMENSIONS[name].of, value]);
  for (let row = 0; row < size; row++) {
    if (rows.day[row] < from || rows.day[row] > to) continue;
    if (state.touches === "calls" && !isCall[rows.verdict[row]]) continue;
    if (filters.some(([value, wanted]) => value(row) !== wanted)) continue;
    const key = of(row);
    let sum = groups.get(key);
    if (!sum) groups.set(key, sum = nothing());
    const calls = rows.calls[row];
    sum.calls += calls;
    if (isMatched[rows.verdict[row]]) sum.matched += calls;
    if (isSeparate[rows.verdict[row]]) sum.separate += calls;
    sum.touches += rows.touches[row];
    if (paidRow[row] >= 0) sum.money += amounts[paidRow[row]];
  }
  return groups;
}
const total = period => sums(period, () => "").get("") ?? nothing();
/* Match rate as in the figure of match quality: of the calls of all channels, those without a BizibleId too. */
function matchRate([from, to]) {
  let matched = 0, all = 0;
  for (const [day, verdict, calls] of data.quality) {
    if (day < from || day > to) continue;
    if (MATCHED.has(verdict)) matched += calls;
    if (MATCHED.has(verdict) || UNMATCHED.has(verdict)) all += calls;
  }
  return rate(matched, all);
}

/* Cost in cents and calls of a period, for each channel with costs in it. */
function costsOf([from, to]) {
  const channels = new Map();
  for (const [day, channel, micros, calls] of data.costs) {
    if (day < from || day > to) continue;
    const sum = channels.get(channel) ?? {money: 0, calls: 0};
    channels.set(channel, {money: sum.money + micros / 1e4, calls: sum.calls + calls});
  }
  return new Map([...channels].filter(([, sum]) => sum.money));
}
const perCall = sum => sum && sum.calls >= FEWEST_CALLS_OF_A_RATE ? Math.round(sum.money / sum.calls) : null;

// ---- what is shown

const amountName = () => state.amount === "revenue" ? "Won revenue" : "Open pipeline";
const shownPeriod = ([from, to]) => from === to ? isoDay(from) : `${isoDay(from)} to ${isoDay(to)}`;
const config = {
  font: "system-ui, sans-serif", background: "transparent", view: {stroke: null}, legend: {disable: true},
  axis: {labelColor: "var(--ink)", titleColor: "var(--muted)", gridColor: "var(--line)", domain: false, ticks: false,
    labelFontSize: 13, titleFontSize: 12, titleFontWeight: "normal", labelPadding: 6, labelLimit: 150},
};
const pictures = new Map();
/* Vega's interpreter (`ast`) evaluates expressions, as the page's policy forbids code from text. */
async function draw(id, label, spec) {
  // The library changes the role and the label of the element that it draws into.
  const host = byId(id), canvas = make("div");
  const drawn = await vegaEmbed(canvas, {$schema: "https://vega.github.io/schema/vega-lite/v6.json", config, ...spec},
    {mode: "vega-lite", renderer: "svg", actions: false, ast: true, tooltip: false, defaultStyle: false});
  // The label says what the picture shows; its parts say nothing to a screen reader.
  for (const part of canvas.querySelectorAll("svg, svg [role], svg [aria-label]")) {
    for (const name of ["role", "aria-label", "aria-roledescription"]) part.removeAttribute(name);
  }
  host.setAttribute("aria-label", label);
  host.replaceChildren(canvas);
  pictures.get(id)?.finalize();
  pictures.set(id, drawn);
}

function drawTrend(period, earlier) {
  const [from, to] = period, days = to - from + 1;
  const unit = days <= 62 ? "day" : days <= 370 ? "week" : "month";
  const start = day => unit === "day" ? day : unit === "week" ? day - (day + 3) % 7 : months(day, 0);
  const groups = sums(period, row => start(rows.day[row]));
  const values = [];
  for (let day = start(from); day <= to; day = unit === "month" ? months(day, 1) : day + (unit === "week" ? 7 : 1)) {
    const sum = groups.get(day) ?? nothing();
    values.push({start: isoDay(day), kind: "in a session", place: 0, calls: sum.matched});
    values.push({start: isoDay(day), kind: "without a session", place: 1, calls: sum.separate});
  }
  const most = values.reduce((most, value, at) => value.place ? most : Math.max(most, value.calls + values[at + 1].calls), 0);
  const width = byId("trend").clientWidth, steps = values.length / 2;
  const label = steps > 400 ? "datum.value" : `indexof([${tickedDays(values, width)}], datum.value) >= 0 ? datum.value : ''`;
  byId("trend-title").textContent = `Calls by ${unit}`;
  return draw("trend", `Calls by ${unit}, ${shownPeriod(period)}`, {
    data: {values}, width: width - 60, height: 170, mark: {type: "bar"},
    encoding: {
      x: {field: "start", type: "ordinal", title: null, axis: {labelAngle: 0, labelOverlap: false, labelExpr: label, grid: false, labelFontSize: 12}, scale: {paddingInner: 0.2}},
      y: {field: "calls", type: "quantitative", title: "calls", scale: most ? {} : {domain: [0, 1]}, axis: {tickCount: Math.min(4, most || 1), format: ",d"}},
      color: {field: "kind", scale: {domain: ["in a session", "without a session"], range: ["var(--blue)", "var(--orange)"]}},
      order: {field: "place", type: "quantitative"},
    },
  });
}
function tickedDays(values, width) {
  const days = values.filter(value => !value.place).map(value => value.start);
  const step = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor((width - 60) / 110))));
  return days.filter((_, at) => at % step === 0 && at + step / 2 < days.length + step / 4).map(day => `'${day}'`).join(",");
}

const BARS = {"largest-calls": "var(--blue)", "largest-money": "var(--green)", "largest-costs": "var(--orange)"};
function drawBars(id, title, field, groups, earlier) {
  const largest = [...groups].sort((a, b) => Math.abs(b[1][field]) - Math.abs(a[1][field]) || (a[0] < b[0] ? -1 : 1)).slice(0, 10)
    .filter(([, sum]) => sum[field]);
  const scaled = value => field === "money" ? value / 100 : value;
  const values = largest.map(([name, sum], place) => ({
    place, value: scaled(sum[field]), was: scaled(earlier?.get(name)?.[field] ?? 0),
    label: `${name.length > 60 ? name.slice(0, 59) + "…" : name}: ${WRITTEN[field === "money" ? "money" : "count"](sum[field])}`,
  }));
  byId(`${id}-title`).textContent = title;
  byId(id).closest(".half").hidden = !values.length;
  if (!values.length) return;
  const width = byId(id).clientWidth;
  const y = {field: "place", type: "ordinal", axis: null, scale: {paddingInner: 0.6, paddingOuter: 0.6}};
  const ends = values.flatMap(value => earlier ? [value.value, value.was] : [value.value]);
  const most = Math.max(...ends, 0), least = Math.min(...ends, 0);
  const x = {field: "value", type: "quantitative", axis: null, scale: {domain: [least, most || 1], nice: false}};
  return draw(id, `${title}: ` + values.map(value => value.label).join(", "), {
    data: {values}, width: width - 20, height: 40 * values.length, padding: {left: 5, top: 5, bottom: 5, right: 5},
    autosize: {type: "none"},
    layer: [
      {mark: {type: "bar", color: BARS[id]}, encoding: {y, x}},
      ...(earlier ? [{mark: {type: "tick", color: "var(--ink)", thickness: 2, size: 18}, encoding: {y, x: {...x, field: "was"}}}] : []),
      {mark: {type: "text", align: "left", dy: -16, fontSize: 13, color: "var(--ink)", limit: width - 25}, encoding: {y, x: {value: 0}, text: {field: "label"}}},
    ],
  });
}

function showNumbers(period, earlier) {
  const now = total(period), then = earlier && total(earlier);
  const entries = [
    ["calls", count(now.calls), then && signed(count)(now.calls - then.calls)],
    ["calls in a web session", count(now.matched), then && signed(count)(now.matched - then.matched)],
    ["calls without a web session", count(now.separate), then && signed(count)(now.separate - then.separate)],
    [state.touches === "calls" ? "touches that calls made" : "touches", count(now.touches), then && signed(count)(now.touches - then.touches)],
    [`${amountName().toLowerCase()}, ${data.models[state.model][0].toLowerCase()}`, money(now.money), then && signed(money)(now.money - then.money)],
  ];
  byId("selected-numbers").replaceChildren(...entries.map(([name, value, change]) =>
    make("div", {}, make("dt", {textContent: name}), make("dd", {textContent: value}, ...(change ? [make("small", {textContent: ` ${change}`})] : [])))));
  const parts = [`${shownPeriod(period)}${earlier ? `, compared with ${shownPeriod(earlier)}` : ""}.`];
  if (!Object.keys(state.filters).length) {
    parts.push(`Match rate: ${matchRate(period)}${earlier ? `; before: ${matchRate(earlier)}` : ""}.`);
  }
  if (state.compare && !earlier) parts.push("There is no data for the previous period.");
  byId("selected-summary").textContent = parts.join(" ");
}

function showGroups(groups, earlier) {
  const dimension = DIMENSIONS[state.by];
  const names = new Set([...groups.keys(), ...(earlier?.keys() ?? [])]);
  const columns = [
    {title: dimension.title, kind: "text"}, {title: "Calls", kind: "count"}, {title: "In a session", kind: "count"},
    {title: "Without a session", kind: "count"}, {title: "Touches", kind: "count"}, {title: amountName(), kind: "money"},
    ...(earlier ? [{title: "Calls before", kind: "count"}, {title: "Change", kind: "change"}, {title: "Amount before", kind: "money"}, {title: "Change of amount", kind: "moneyChange"}] : []),
  ];
  const table = [...names].map(name => {
    const now = groups.get(name) ?? nothing(), then = earlier?.get(name) ?? nothing();
    return [name, now.calls, now.matched, now.separate, now.touches, now.money,
      ...(earlier ? [then.calls, now.calls - then.calls, then.money, now.money - then.money] : [])];
  });
  showTable(byId("groups-table"), {
    title: `${amountName()} and calls by ${dimension.title.toLowerCase()}`, columns, rows: table, file: `calls-by-${state.by}`,
    sort: state.by === "month" ? [0, 1] : [1, -1],
    pick: row => () => change({filters: {...state.filters, [state.by]: row[0]}, by: next(state.by, row[0])}, "by"),
  });
}
/* Where a click leads: the next of the drill that is not chosen yet. */
function next(by, value) {
  const chosen = {...state.filters, [by]: value};
  return DRILL.find((name, at) => at > DRILL.indexOf(by) && !(name in chosen)) ?? by;
}

function showFilters() {
  byId("filters").replaceChildren(...Object.entries(state.filters).map(([name, value]) => {
    const button = make("button", {type: "button", className: "chip"}, `${DIMENSIONS[name].title}: `, make("bdi", {textContent: value}), " ✕");
    button.setAttribute("aria-label", `Remove ${DIMENSIONS[name].title}: ${value}`);
    button.onclick = () => {
      const {[name]: removed, ...filters} = state.filters;
      change({filters, by: name}, "by");
    };
    return make("li", {}, button);
  }));
}

function showOthers() {
  const cut = Object.entries({path: "channels", campaign: "campaigns", keyword: "keywords", page: "landing pages"})
    .filter(([name]) => facts.others[name]).map(([name, words]) => `${count(facts.others[name])} ${words}`);
  byId("cut").textContent = cut.length ? `The page contains the names with the most calls. The others are combined in one row each: ${cut.join(", ")}.` : "";
}

function showCalls(period) {
  const host = byId("calls-table");
  if (!host) return;
  const found = data.calls.rows.filter(([day]) => day === null || (day >= period[0] && day <= period[1]));
  showTable(host, {
    title: "Calls to report to the call tracking provider", file: "calls-to-report", link: taskLink,
    columns: ["Called at (UTC)", "Finding", "Task", "Other Task", "Provider", "Provider's call id", "What it means"].map(title => ({title, kind: title.includes("Task") ? "link" : "text"})),
    rows: found.map(row => row.slice(1)),
  });
  const left = data.calls.all - data.calls.rows.length;
  byId("calls-summary").textContent = `${count(found.length)} in the selected period` +
    (left > 0 ? `, of the newest ${count(data.calls.rows.length)}; the query gives ${count(left)} more` : "") + ". Calls without a time are in every period.";
}

async function showCosts(period, earlier) {
  if (!byId("costs-table")) return;
  const groups = costsOf(period), was = earlier && costsOf(earlier);
  const all = of => [...of.values()].reduce((sum, one) => ({money: sum.money + one.money, calls: sum.calls + one.calls}), {money: 0, calls: 0});
  const summary = (of, period) => {
    const sum = all(of);
    if (!of.size) return `${shownPeriod(period)}: no costs.`;
    return `${shownPeriod(period)}: ${money(sum.money)} and ${count(sum.calls)} calls in the channels with costs` +
      (perCall(sum) === null ? "." : `, ${exactMoney(perCall(sum))} per call.`);
  };
  byId("costs-summary").textContent = summary(groups, period) + (was ? ` Before, ${summary(was, earlier)}` : "");
  const names = [...new Set([...groups.keys(), ...(was?.keys() ?? [])])];
  const titled = (title, kind) => ({title, kind});
  showTable(byId("costs-table"), {
    title: `What a call costs, ${shownPeriod(period)}`, file: "costs", sort: [1, -1],
    columns: [titled("Channel", "text"), titled("Cost", "money"), titled("Calls", "count"), titled("Cost per call", "moneyExact"),
      ...(was ? [titled("Cost before", "money"), titled("Calls before", "count"), titled("Cost per call before", "moneyExact")] : [])],
    rows: names.map(name => [name, ...[groups, ...(was ? [was] : [])].flatMap(of => {
      const sum = of.get(name);
      return [Math.round(sum?.money ?? 0), sum?.calls ?? null, perCall(sum)];
    })]),
  });
  await drawBars("largest-costs", "Cost by channel", "money", groups, was);
}

async function show() {
  const period = range();
  const earlier = state.compare && before(period)[1] >= first ? before(period) : null;
  byId("period").value = typeof state.period === "string" ? state.period : "own";
  byId("from").value = isoDay(period[0]);
  byId("to").value = isoDay(period[1]);
  byId("compare").checked = state.compare;
  for (const name of ["model", "amount", "touches", "by"]) byId(name).value = state[name];
  byId("model-description").textContent = data.models[state.model][1];
  const of = DIMENSIONS[state.by].of, groups = sums(period, of);
  // Two periods have no month in common, so there is nothing to compare month by month.
  const was = earlier && state.by !== "month" ? sums(earlier, of) : null;
  showNumbers(period, earlier);
  showFilters();
  showGroups(groups, was);
  showCalls(period);
  byId("was").hidden = !was;
  await drawTrend(period, earlier);
  await drawBars("largest-calls", `Calls by ${DIMENSIONS[state.by].title.toLowerCase()}`, "calls", groups, was);
  await drawBars("largest-money", `${amountName()} by ${DIMENSIONS[state.by].title.toLowerCase()}`, "money", groups, was);
  await showCosts(period, earlier);
}
// One drawing at a time, and the last state wins.
let drawing = Promise.resolve(), wanted = 0;
function refresh() {
  const mine = ++wanted;
  document.documentElement.dataset.ready = "false";
  drawing = drawing.then(() => mine === wanted ? show() : null).then(() => {
    if (mine === wanted) document.documentElement.dataset.ready = "true";
  });
}
function change(what, focus) {
  Object.assign(state, what);
  write();
  refresh();
  if (focus) drawing.then(() => byId(focus).focus());
}

for (const [key, [title]] of Object.entries(PRESETS)) byId("period").append(make("option", {value: key, textContent: title}));
byId("period").append(make("option", {value: "own", textContent: "From and to"}));
for (const [key, [title]] of Object.entries(data.models)) byId("model").append(make("option", {value: key, textContent: title}));
for (const [key, {title}] of Object.entries(DIMENSIONS)) byId("by").append(make("option", {value: key, textContent: title}));
byId("period").onchange = event => change({period: event.target.value === "own" ? range() : event.target.value});
for (const name of ["from", "to"]) {
  byId(name).onchange = () => {
    const from = dayOf(byId("from").value), to = dayOf(byId("to").value);
    if (from <= to) change({period: [from, to]});
  };
}
for (const name of ["model", "amount", "touches", "by"]) byId(name).onchange = event => change({[name]: event.target.value});
byId("compare").onchange = event => change({compare: event.target.checked});
byId("reset").onclick = () => { history.replaceState(null, "", location.pathname); read(); refresh(); };
byId("copy").onclick = async () => {
  write();
  // A page of a server without HTTPS has no clipboard: the link is shown, to be copied by hand.
  const isCopied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
  byId("copied").textContent = isCopied ? "Copied." : location.href;
};
// A link inside the page keeps the selection in the address.
for (const link of document.querySelectorAll('nav a[href^="#"], a.skip')) {
  link.addEventListener("click", event => {
    event.preventDefault();
    const target = document.querySelector(link.getAttribute("href"));
    target.tabIndex = -1;
    target.focus();
    target.scrollIntoView();
  });
}
addEventListener("hashchange", () => { read(); refresh(); });
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; refresh(); } });
read();
showOthers();
refresh();
})();

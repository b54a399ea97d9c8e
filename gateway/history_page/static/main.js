// The page: starts its parts, and again when other filters have brought another list.
import { $, count, pause, say, toast } from "./dom.js";
import { onDeletion } from "./bin.js";
import { list } from "./list.js";
import { startLive } from "./live.js";
import { filtersOfAddress, goBack, push, remember, showPage, startPlaces } from "./place.js";
import { showSaved, startSaved } from "./saved.js";
import { clear, startSelection } from "./selection.js";
import { tell } from "./server.js";
import { startViewer } from "./viewer.js";

const TOP = 400; // pixels: above them new records appear by themselves

const isAtTop = () => scrollY < TOP && !document.querySelector("dialog[open]") && $("selection").hidden;
const recount = () => htmx.ajax("GET", `/history/statistics?${list.query}`, { target: "#statistics", swap: "outerHTML" });

async function begin() {
  try {
    await list.start($("list"));
    showSaved();
    showPage();
    await goBack();
    document.documentElement.dataset.ready = "true";
  } catch (error) {
    tell(error);
  }
}

/* Keeps what is at the top of the view where it is, while others come or go. */
async function refresh() {
  const at = list.atTop();
  const before = at && document.getElementById(`t${at}`)?.getBoundingClientRect().top;
  await list.refresh();
  const card = at && document.getElementById(`t${at}`);
  if (card) scrollBy({ top: card.getBoundingClientRect().top - before, behavior: "instant" });
  else if (at) list.reveal(at);
}

async function hear(records) {
  const gone = records.filter((record) => record.is_deleted).map((record) => record.id);
  const known = records.filter((record) => !record.is_deleted && list.place(record.id) >= 0);
  if (gone.some((id) => list.place(id) >= 0)) list.remove(gone);
  await list.update(known.map((record) => record.id));
  for (const { id, status } of known) if (status !== "pending" && list.card(id)) announce(id, status);
  if (records.some((record) => !record.is_deleted && list.place(record.id) < 0)) {
    if (isAtTop()) await refresh();
    else $("new").hidden = false;
  }
  recount();
}

/* What a task came to is said once, to those who cannot see its card change. */
const told = new Set();
function announce(id, status) {
  if (told.has(id) || !waiting.has(id)) return;
  told.add(id);
  toast(say("live.finished", { status: say(`status.${status}`), prompt: list.card(id).querySelector(".open").textContent.slice(0, 40) }));
}

const waiting = new Set(); // ids of tasks that were seen in progress
function noteWaiting(card) {
  if (card.classList.contains("pending")) waiting.add(card.dataset.id);
}

/* The browser's own search finds only what is there. */
async function loadForSearch() {
  const shown = toast("", { lasts: 600_000 });
  await list.loadAll((done) => shown.say(say("find.loading", { done: count(Math.max(0, done)), total: count(list.order.length) })));
  shown.remove();
  toast(say("find.ready"));
}

let isSearching = false;
addEventListener("keydown", (event) => {
  if (isSearching || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "f" || !document.querySelector(".run.unloaded")) return;
  isSearching = true;
  loadForSearch().catch(tell).finally(() => { isSearching = false; });
});

document.addEventListener("click", (event) => { if (event.target.id === "new") { event.target.hidden = true; refresh().then(() => scrollTo({ top: 0 })).catch(tell); } });
document.addEventListener("htmx:after:swap", ({ target }) => {
  if ($("list") === list.root) return;
  if (target.id === "filter-form") push();
  clear();
  begin();
});
/* Shows what the address says, however often it changes meanwhile. */
let isFollowing = false;
async function follow() {
  while (!isFollowing && filtersOfAddress() !== $("list").dataset.query) {
    const before = $("list");
    isFollowing = true;
    try {
      await htmx.ajax("GET", location.pathname + location.search, { target: "#content", select: "#content", swap: "outerHTML" });
    } finally {
      isFollowing = false;
    }
    if ($("list") === before) return; // it failed
  }
}

/* Enter in a field is a change and a submission: the same is asked once at a time. */
document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.id !== "filter-form") return;
  const asked = `${new URLSearchParams(request.body)}`;
  if (sourceElement.dataset.asked === asked) event.preventDefault();
  sourceElement.dataset.asked = asked;
});
document.addEventListener("htmx:finally:request", ({ target }) => { if (target.id === "filter-form") delete target.dataset.asked; });
document.addEventListener("htmx:error", ({ detail }) => { if (detail.error?.name !== "AbortError") tell({ message: say("failure.offline") }); });
addEventListener("popstate", () => { if (!$("viewer").open) follow(); });
list.addEventListener("card", ({ detail }) => noteWaiting(detail));
onDeletion((ids) => { list.remove(ids); recount(); }, () => { refresh().catch(tell); recount(); });
for (const card of document.querySelectorAll("#list .card")) noteWaiting(card);
for (const start of [startPlaces, startSaved, startSelection, startViewer]) {
  await pause();
  start();
}
await begin();
remember();
startLive((records) => hear(records).catch(tell));

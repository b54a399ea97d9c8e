// Where one is in the list: the address says it (?at=ID), the pager counts it, and coming back leads there again.
import { $, say } from "./dom.js";
import { list } from "./list.js";

const RESTS = 300; // milliseconds without scrolling
let timer = 0;
let isFramed = false;

const size = () => Number($("page").dataset.size);
const pages = () => Math.max(1, Math.ceil(list.order.length / size()));

function current() {
  const focused = document.activeElement?.closest?.("#list .card");
  if (focused) {
    const { top, bottom } = focused.getBoundingClientRect();
    if (bottom > 0 && top < innerHeight) return focused.dataset.id;
  }
  return list.atTop();
}

export function showPage() {
  const page = Math.floor(Math.max(0, list.place(current() ?? "")) / size()) + 1;
  const [figures, words] = $("page").children;
  figures.textContent = say("pager.of", { page, pages: pages() });
  words.textContent = say("pager.where", { page, pages: pages() });
  $("pager").hidden = pages() < 2;
  step($("previous"), page - 1);
  step($("next"), page + 1);
}

/* A step that leads nowhere keeps its place for the eye, but is no link. */
function step(link, page) {
  const exists = page >= 1 && page <= pages();
  link.dataset.page = page;
  if (exists) {
    const query = new URLSearchParams(list.query);
    query.set("page", page);
    link.href = `/history/?${query}`;
    link.removeAttribute("aria-disabled");
  } else {
    link.removeAttribute("href");
    link.setAttribute("aria-disabled", "true");
  }
}

export function remember() {
  const query = new URLSearchParams(list.query);
  const at = current();
  if (at) query.set("at", at);
  const top = at && document.getElementById(`t${at}`)?.getBoundingClientRect().top;
  history.replaceState({ ...history.state, top }, "", address(query));
}

const address = (query) => `/history/${query.size ? `?${query}` : ""}`;

/* Other filters are another entry of the browser's history. */
export function push() {
  const query = new URLSearchParams($("list").dataset.query);
  if (`${query}` !== filtersOfAddress()) history.pushState({}, "", address(query));
}

/* The filters in the address, without the place. */
export function filtersOfAddress() {
  const query = new URLSearchParams(location.search);
  query.delete("at");
  query.delete("page");
  return `${query}`;
}

function scrolled() {
  if (!isFramed) {
    isFramed = true;
    requestAnimationFrame(() => { isFramed = false; if ($("page")) showPage(); });
  }
  clearTimeout(timer);
  timer = setTimeout(() => $("page") && remember(), RESTS);
}

async function turn(event) {
  const link = event.target.closest("#previous, #next");
  if (!link?.href || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const id = list.order[(Number(link.dataset.page) - 1) * size()];
  list.reveal(id);
  await list.focus(id);
  showPage();
}

/* Goes to the record of the address, or to the page of it. */
export async function goBack() {
  const query = new URLSearchParams(location.search);
  const at = query.get("at") ?? (Number(query.get("page")) > 1 ? list.order[(Number(query.get("page")) - 1) * size()] : null);
  const top = history.state?.top;
  if (!at || !list.reveal(at, { block: query.has("at") ? "center" : "start" })) return;
  if (top) scrollBy({ top: document.getElementById(`t${at}`).getBoundingClientRect().top - top, behavior: "instant" });
  await list.focus(at);
}

export function startPlaces() {
  history.scrollRestoration = "manual";
  addEventListener("scroll", scrolled, { passive: true });
  addEventListener("focusin", (event) => { if (event.target.closest?.("#list .card")) scrolled(); });
  addEventListener("resize", keepPlace());
  addEventListener("click", turn);
  list.addEventListener("change", showPage);
}

/* With another number of columns everything moves; what one looked at does not. */
function keepPlace() {
  let width = innerWidth;
  return () => {
    if (innerWidth === width) return;
    width = innerWidth;
    const at = new URLSearchParams(location.search).get("at");
    if (at) list.reveal(at);
  };
}

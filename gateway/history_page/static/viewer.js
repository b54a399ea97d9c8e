// The viewer over the list: one record with its images; the arrow keys lead to the next, and closing leads to its card.
import { $, count, make, say } from "./dom.js";
import { askAndDelete } from "./bin.js";
import { compareKey, startCompare } from "./compare.js";
import { list } from "./list.js";

let shown = null; // id of the record
let left = Promise.resolve(); // the way back from the last time is done

export async function open(id) {
  await left;
  if (!$("viewer").open) {
    history.pushState({ viewer: true }, "");
    $("viewer").showModal();
  }
  show(id);
}

async function show(id) {
  shown = id;
  const place = list.place(id);
  $("viewer-previous").disabled = place <= 0;
  $("viewer-next").disabled = place < 0 || place >= list.order.length - 1;
  if ($("record").dataset.id !== id) $("record").replaceChildren(make("p", { className: "nothing", textContent: "…" }));
  await htmx.ajax("GET", `/history/records/${id}`, { target: "#record", swap: "innerHTML" });
  if (shown === id) tellPlace(place);
}

/* For the eye the number; for those who listen also the prompt. */
function tellPlace(place) {
  const [figures, words] = $("viewer-where").children;
  const [here, total] = [count(place + 1), count(list.order.length)];
  figures.textContent = `${here} / ${total}`;
  words.textContent = say("viewer.where", { place: here, total, prompt: $("record").querySelector(".words")?.textContent ?? "" });
}

function step(by) {
  const id = list.order[list.place(shown) + by];
  if (id) show(id);
}

/* Returns to the record that was seen last, wherever it is in the list. */
function closed() {
  if (history.state?.viewer) { // the entry that the phone's back button would have left
    left = new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
    history.back();
  }
  $("record").replaceChildren();
  if (list.reveal(shown, { block: "nearest" })) list.focus(shown);
  shown = null;
}

function key(event) {
  if (!$("viewer").open || $("sure").open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("textarea, input:not([type=range]), select")) return;
  const isOnSlider = event.target.matches("[type=range]");
  const figure = $("record").querySelector(".compare");
  if (event.type === "keydown" && !isOnSlider && event.key === "ArrowLeft") step(-1);
  else if (event.type === "keydown" && !isOnSlider && event.key === "ArrowRight") step(1);
  else if (!figure || !compareKey(figure, event)) return;
  event.preventDefault();
}

async function deleteShown(button) {
  const id = shown;
  const next = list.order[list.place(id) + 1] ?? list.order[list.place(id) - 1];
  const { prompt, thumb, pictures } = button.dataset;
  if (!(await askAndDelete(new Map([[id, { prompt, thumb, pictures: Number(pictures) }]])))) return;
  if (next) show(next);
  else $("viewer").close();
}

export function startViewer() {
  addEventListener("click", (event) => {
    const link = event.target.closest?.("#list .open");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.closest(".card").dataset.id);
  });
  $("viewer-previous").addEventListener("click", () => step(-1));
  $("viewer-next").addEventListener("click", () => step(1));
  $("viewer-close").addEventListener("click", () => $("viewer").close());
  $("viewer").addEventListener("close", closed);
  $("record").addEventListener("click", (event) => { const button = event.target.closest(".delete"); if (button) deleteShown(button); });
  document.addEventListener("htmx:after:swap", () => { for (const figure of $("record").querySelectorAll(".compare:not([data-started])")) { figure.dataset.started = ""; startCompare(figure); } });
  addEventListener("keydown", key);
  addEventListener("keyup", key);
  addEventListener("popstate", () => { if ($("viewer").open && !history.state?.viewer) $("viewer").close(); });
}

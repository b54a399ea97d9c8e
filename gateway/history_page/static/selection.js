// What is selected: its number, its thumbnails, and what can be done with it.
import { $, make, say, toast } from "./dom.js";
import { askAndDelete } from "./bin.js";
import { list } from "./list.js";

const MOST = 500; // in one deletion
const SHOWN = 6; // thumbnails
const chosen = new Map(); // id → { thumb, pictures, prompt }
let last = null;

export const about = (card) => ({ thumb: card.dataset.thumb, pictures: Number(card.dataset.pictures), prompt: card.querySelector(".open").textContent });

function choose(id, isChosen) {
  const card = list.card(id);
  if (!card || (isChosen && chosen.size >= MOST && !chosen.has(id))) return;
  card.querySelector(".pick input").checked = isChosen;
  if (isChosen) chosen.set(id, about(card));
  else chosen.delete(id);
}

/* Everything between the last and this one, as far as it was loaded: nobody deletes what they never saw. */
function chooseUpTo(id, isChosen) {
  const [from, to] = [list.place(last), list.place(id)].sort((a, b) => a - b);
  const between = list.order.slice(from, to + 1);
  const loaded = between.filter((one) => list.card(one));
  for (const one of loaded) choose(one, isChosen);
  if (loaded.length < between.length) toast(say("selection.skipped", { count: between.length - loaded.length }));
}

function clicked(event) {
  const box = event.target.closest?.("#list .pick input");
  if (!box) return;
  const id = box.closest(".card").dataset.id;
  if (event.shiftKey && last !== null && list.place(last) >= 0) chooseUpTo(id, box.checked);
  else choose(id, box.checked);
  if (box.checked && !chosen.has(id)) { box.checked = false; toast(say("selection.most", { count: MOST })); }
  last = id;
  show();
}

function show() {
  $("selection").hidden = !chosen.size;
  $("list")?.classList.toggle("picking", chosen.size > 0);
  $("selected-count").textContent = say("selection.count", { count: chosen.size });
  const thumbs = [...chosen.values()].slice(-SHOWN).reverse().map(({ thumb, prompt }) => (thumb ? make("img", { src: thumb, alt: prompt }) : make("i")));
  const more = chosen.size > SHOWN ? make("small", { textContent: `+${chosen.size - SHOWN}` }) : null;
  $("selected-thumbs").replaceChildren(...thumbs, ...(more ? [more] : []));
}

export function clear() {
  for (const id of [...chosen.keys()]) choose(id, false);
  chosen.clear();
  last = null;
  show();
}

/* What has gone from the list cannot be selected any longer. */
function prune() {
  for (const id of [...chosen.keys()]) if (list.place(id) < 0) chosen.delete(id);
  show();
}

export function startSelection() {
  addEventListener("click", clicked);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && chosen.size && !document.querySelector("dialog[open]")) clear(); });
  list.addEventListener("change", prune);
  list.addEventListener("card", ({ detail: card }) => { if (chosen.has(card.dataset.id)) card.querySelector(".pick input").checked = true; });
  $("selection-clear").addEventListener("click", clear);
  $("selection-delete").addEventListener("click", async () => { if (await askAndDelete(new Map(chosen))) clear(); });
}

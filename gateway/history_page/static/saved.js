// Filters saved by name, in the browser of this device.
import { $, make, say, toast } from "./dom.js";
import { list } from "./list.js";

const KEY = "darkroom-history-filters";

const read = () => { try { return Object.entries(JSON.parse(localStorage.getItem(KEY)) ?? {}); } catch { return []; } };
const write = (entries) => localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(entries)));

export function showSaved() {
  const entries = read();
  $("saved-none").hidden = entries.length > 0;
  $("saved-list").replaceChildren(...entries.map(([name, query]) => {
    const forget = make("button", { type: "button", className: "icon", textContent: "×", ariaLabel: say("saved.forget", { name }) });
    forget.addEventListener("click", () => { write(read().filter(([other]) => other !== name)); showSaved(); });
    return make("li", {}, make("a", { href: `/history/${query ? `?${query}` : ""}`, textContent: name }), forget);
  }));
}

export function startSaved() {
  addEventListener("submit", (event) => {
    if (event.target.id !== "saved-form") return;
    event.preventDefault();
    const name = event.target.elements.name.value.trim();
    if (!name) return;
    write([...read().filter(([other]) => other !== name), [name, list.query]]);
    event.target.reset();
    showSaved();
    toast(say("saved.kept", { name }));
  });
  addEventListener("click", (event) => { for (const menu of document.querySelectorAll(".menu[open]")) if (!event.composedPath().includes(menu)) menu.open = false; });
  addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
}

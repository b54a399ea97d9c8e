// The list stands for the whole history: sections of a fixed height, filled with cards when they come near the view.
import { $, count, make, pause, say } from "./dom.js";
import { getHtml, getJson } from "./server.js";
import { fill, parse, showFailure } from "./cards.js";
import { cut, measure } from "./sections.js";

const NEAR = "1500px 0px"; // above and below the view
const SETTLES = 70; // milliseconds near the view, before a section is asked for: a dragged scrollbar passes many
const AT_ONCE = 48; // cards in one request
const MOST = 10_000; // ids that the gateway tells
const SLICE = 12; // cards put in at once, so that no scrolling waits for them

class List extends EventTarget {
  order = []; // all ids
  #places = new Map(); // id → index
  #sections = new Map(); // element → { parts, state: unloaded, waiting, loading, loaded or failed }
  #home = new Map(); // id → element of its section
  #near = new Set();
  #timer = 0;
  #loading = false;

  async start(root) {
    this.#watcher?.disconnect();
    this.root = root;
    this.query = root.dataset.query;
    this.total = Number(root.dataset.total);
    this.#sections.clear();
    this.#near.clear();
    this.#watcher = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: NEAR });
    await this.refresh();
  }
  #watcher = null;

  /* Reads the ids anew. What did not change stays as it is. */
  async refresh() {
    const root = this.root;
    const days = await getJson(`/history/ids?${this.query}`);
    await pause();
    if (root !== this.root) return;
    this.#build(days);
    this.dispatchEvent(new Event("change"));
  }

  #build(days) {
    const cards = this.#cards();
    const old = new Map([...this.#sections].map(([element, { parts }]) => [key(parts), element]));
    const elements = cut(days).map((parts) => this.#section(parts, old.get(key(parts)), cards));
    const kept = new Set(elements);
    for (const element of this.#sections.keys()) if (!kept.has(element)) this.#forget(element);
    this.root.replaceChildren(...elements);
    this.#count();
  }

  #section(parts, old, cards) {
    if (old) return old;
    const element = make("section", { className: "run unloaded" });
    const section = { parts, state: "unloaded" };
    this.#sections.set(element, section);
    measure(element, parts);
    if (parts.every((part) => part.ids.every((id) => cards.has(id)))) this.#fill(element, section, cards); // known already
    this.#watcher.observe(element);
    return element;
  }

  #forget(element) {
    this.#watcher.unobserve(element);
    this.#sections.delete(element);
    this.#near.delete(element);
  }

  #cards() {
    return new Map([...this.root.querySelectorAll(".card:not(.skeleton)")].map((card) => [card.dataset.id, card]));
  }

  /* Numbers the records, in the order of the sections. */
  #count() {
    this.order = [];
    this.#home.clear();
    for (const element of this.root.children) {
      for (const part of this.#sections.get(element).parts) for (const id of part.ids) { this.order.push(id); this.#home.set(id, element); }
    }
    this.#places = new Map(this.order.map((id, index) => [id, index]));
    const shown = this.order.length;
    this.total = shown < MOST ? shown : Math.max(this.total, shown);
    $("total").textContent = say("total", { count: count(this.total) });
    $("capped").hidden = shown >= this.total;
    $("capped").textContent = say("total_capped", { shown: count(shown) });
    $("empty").hidden = this.order.length > 0;
  }

  place = (id) => this.#places.get(id) ?? -1;
  card = (id) => { const card = document.getElementById(`t${id}`); return card?.classList.contains("skeleton") ? null : card; };

  // ---- loading ------------------------------------------------------------------------------------------------------

  #seen(entries) {
    for (const { target, isIntersecting } of entries) this.#near[isIntersecting ? "add" : "delete"](target);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), SETTLES);
  }

  async #load() {
    if (this.#loading) return;
    this.#loading = true;
    try {
      let element;
      while ((element = this.#next())) await this.#loadOne(element);
    } finally {
      this.#loading = false;
    }
  }

  /* The section that is nearest to the view goes first. */
  #next() {
    const middle = innerHeight / 2;
    const far = (element) => { const { top, bottom } = element.getBoundingClientRect(); return top > middle ? top - middle : Math.max(0, middle - bottom); };
    const waiting = [...this.#near].filter((element) => ["unloaded", "waiting"].includes(this.#sections.get(element)?.state));
    return waiting.length ? waiting.reduce((best, element) => (far(element) < far(best) ? element : best)) : null;
  }

  async #loadOne(element) {
    const section = this.#sections.get(element);
    this.#outline(element, section);
    section.state = "loading";
    element.setAttribute("aria-busy", "true");
    const ids = section.parts.flatMap((part) => part.ids).filter((id) => !this.card(id));
    try {
      for (let from = 0; from < ids.length; from += AT_ONCE) await this.#fetch(ids.slice(from, from + AT_ONCE));
      section.state = "loaded";
      element.querySelector(".run-failed")?.remove();
      this.dispatchEvent(new Event("loaded"));
    } catch (error) {
      section.state = "failed";
      showFailure(element, error, () => { section.state = "waiting"; this.#load(); });
      this.dispatchEvent(new Event("failed"));
    }
    element.removeAttribute("aria-busy");
    await pause();
  }

  async #fetch(ids) {
    const html = await getHtml(`/history/cards?ids=${ids.join()}`);
    await pause();
    const found = parse(html);
    for (let from = 0; from < ids.length; from += SLICE) {
      await pause();
      for (const id of ids.slice(from, from + SLICE)) if (found.has(id)) this.#put(found.get(id));
    }
    const gone = ids.filter((id) => !found.has(id)); // deleted meanwhile
    if (gone.length) this.remove(gone);
  }

  #put(card) {
    const old = document.getElementById(card.id);
    if (!old || !this.root.contains(old)) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(card);
    htmx.process(card);
    if (focused) (card.querySelector(focused.id ? `[id="${focused.id}"]` : ".open") ?? card.querySelector(".open")).focus({ preventScroll: true });
    this.dispatchEvent(new CustomEvent("card", { detail: card }));
  }

  /* Puts headings and empty cards into a section. */
  #outline(element, section) {
    if (section.state === "unloaded") this.#fill(element, section, new Map());
  }

  #fill(element, section, cards) {
    fill(element, section.parts, cards);
    section.state = element.querySelector(".skeleton") ? "waiting" : "loaded";
  }

  // ---- changes ------------------------------------------------------------------------------------------------------

  remove(ids) {
    const gone = new Set(ids);
    const touched = new Set(ids.map((id) => this.#home.get(id)).filter(Boolean));
    for (const element of touched) {
      const section = this.#sections.get(element);
      for (const part of section.parts) part.ids = part.ids.filter((id) => !gone.has(id));
      measure(element, section.parts);
      if (section.state !== "unloaded") this.#fill(element, section, new Map([...element.querySelectorAll(".card:not(.skeleton)")].map((card) => [card.dataset.id, card])));
    }
    this.#count();
    this.dispatchEvent(new Event("change"));
  }

  /* Shows records as they are now, those that have cards. */
  async update(ids) {
    const shown = ids.filter((id) => this.card(id));
    for (let from = 0; from < shown.length; from += AT_ONCE) await this.#fetch(shown.slice(from, from + AT_ONCE));
  }

  // ---- places -------------------------------------------------------------------------------------------------------

  /* Brings a record into view, and its section up to it; its card may still be loading. */
  reveal(id, { block = "start" } = {}) {
    const element = this.#home.get(id);
    if (!element) return false;
    this.#outline(element, this.#sections.get(element));
    document.getElementById(`t${id}`).scrollIntoView({ block, behavior: "instant" });
    return true;
  }

  /* Gives a record the focus once its card is there. */
  async focus(id) {
    const element = this.#home.get(id);
    if (!element) return;
    this.#near.add(element);
    this.#load();
    while (!this.card(id) && this.#home.get(id) === element && this.#sections.get(element)?.state !== "failed") await this.#news();
    this.card(id)?.querySelector(".open").focus({ preventScroll: true });
  }

  #news() {
    return new Promise((resolve) => {
      for (const name of ["loaded", "failed", "change"]) this.addEventListener(name, resolve, { once: true });
    });
  }

  /* The record at the top of the view; null above the list. */
  atTop() {
    const { left, top, width } = this.root.getBoundingClientRect();
    const line = $("bar").offsetHeight + 24;
    if (top > line) return null;
    for (const down of [0, 60, 120]) {
      const under = document.elementFromPoint(left + Math.min(width / 2, 120), line + down);
      const card = under?.closest(".card");
      if (card && this.root.contains(card)) return card.dataset.id;
      const section = this.#sections.get(under?.closest(".run"));
      if (section) return this.#guess(under.closest(".run"), section, line);
    }
    return null;
  }

  #guess(element, section, line) {
    const { top, height } = element.getBoundingClientRect();
    const ids = section.parts.flatMap((part) => part.ids);
    return ids[Math.min(ids.length - 1, Math.max(0, Math.floor(((line - top) / height) * ids.length)))];
  }

  /* Loads everything, so that the browser can search it; bit by bit. */
  async loadAll(tell) {
    for (const element of [...this.#sections.keys()]) {
      const section = this.#sections.get(element);
      if (section && ["unloaded", "waiting", "failed"].includes(section.state)) await this.#loadOne(element);
      tell(this.order.length - this.root.querySelectorAll(".run.unloaded").length * 48);
    }
  }
}

const key = (parts) => parts.map((part) => `${part.name} ${part.ids.join()}`).join(" ");

export const list = new List();

// Small helpers: elements, texts in the reader's language, and what is said in passing. Texts of others are never HTML.
export const $ = (id) => document.getElementById(id);
const texts = JSON.parse($("texts").textContent);
const LASTS = 6000; // milliseconds

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/* A text of the catalogue with its values. */
export function say(key, values = {}) {
  const template = (texts[key] ?? key).replace(/\[\[(.*?)\]\]/g, (_, part) => ([...part.matchAll(/\{(\w+)/g)].every(([, name]) => values[name]) ? part : ""));
  return template.replace(/\{(\w+)(?::(\w+))?\}/g, (_, name, table) => (table ? texts[`${table}.${values[name]}`] : null) ?? values[name] ?? "");
}

export const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ","); // Intl takes its time to start

export function toast(text, { lasts = LASTS, button = null } = {}) {
  const element = make("div", { className: "toast" }, make("span", { textContent: text }), button);
  $("toasts").append(element);
  const timer = setTimeout(() => element.remove(), lasts);
  return { remove() { clearTimeout(timer); element.remove(); }, say(words) { element.firstChild.textContent = words; } };
}

/* Lets the browser draw and hear its user before work goes on. */
export const pause = () => new Promise((resolve) => (globalThis.scheduler?.yield ? scheduler.yield().then(resolve) : setTimeout(resolve)));

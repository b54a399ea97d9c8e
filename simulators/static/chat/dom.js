// Small helpers: elements, and times as people say them. Whatever was sent by others is set as text, never as HTML.
export const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function button(textContent, react, properties = {}) {
  const element = make("button", { type: "button", textContent, ...properties });
  element.addEventListener("click", react);
  return element;
}

export const link = (textContent, href, properties = {}) => make("a", { textContent, href, target: "_blank", rel: "noopener", ...properties });

export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });

/* 今天, 昨天, 11月28日, 2025年11月28日 */
export function day(at, now = new Date()) {
  const then = new Date(at);
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const ago = Math.round((midnight(now) - midnight(then)) / 86_400_000);
  if (ago === 0) return "今天";
  if (ago === 1) return "昨天";
  const year = then.getFullYear() === now.getFullYear() ? "" : `${then.getFullYear()}年`;
  return `${year}${then.getMonth() + 1}月${then.getDate()}日`;
}

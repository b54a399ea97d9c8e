// A picture before and after, in the conversation and over the whole screen.
import { $, button, make } from "./dom.js";

export function slider(preview, original, label = "") {
  const range = make("input", { type: "range", min: 0, max: 100, value: 50, ariaLabel: `${label}修图前后对比,左边是原图` });
  const after = make("img", { src: preview, alt: `${label}修好的预览图`, className: "after" });
  const before = make("img", { src: original, alt: `${label}原图`, className: "before" });
  const box = make("div", { className: "slider" }, after, before, make("span", { className: "divider" }), range);
  const move = () => {
    box.style.setProperty("--at", `${range.value}%`);
    range.setAttribute("aria-valuetext", `原图占 ${range.value}%`);
  };
  range.addEventListener("input", move);
  move();
  return box;
}

export function compared(preview, original, caption) {
  const label = caption ? `${caption} ` : "";
  const hint = make("span", { textContent: "← 原图 | 修好的 →" });
  const open = button("全屏对比", () => enlarge(preview, original, label), { className: "link" });
  return make("div", { className: "compared" }, slider(preview, original, label), make("div", { className: "faint between" }, hint, open));
}

export function picture({ url, original }, by, caption = null) {
  if (original) return compared(url, original, caption);
  const image = make("img", { src: url, alt: by === "me" ? "我发的图片" : "店铺发的图片" });
  const element = button("", () => enlarge(url), { className: "picture", ariaLabel: "看大图" });
  element.append(image);
  return element;
}

export function enlarge(address, original = null, label = "") {
  const shown = original ? slider(address, original, label) : make("img", { src: address, alt: "放大的图片" });
  $("large-picture").replaceChildren(shown);
  $("large").showModal();
}

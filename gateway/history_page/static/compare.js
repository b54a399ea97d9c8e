// A picture before and after: a divider to drag, both side by side, and a zoom in step.
import { say } from "./dom.js";

const STEP = 1.4;
const MOST = 8;

export function startCompare(figure) {
  const slide = figure.querySelector(".slide");
  const state = { zoom: 1, x: 0, y: 0 };
  for (const image of figure.querySelectorAll(".whole")) {
    const ready = () => image.classList.add("ready");
    if (image.complete && image.naturalWidth) ready();
    else image.addEventListener("load", ready, { once: true });
  }
  if (slide) startSlide(figure, slide);
  startZoom(figure, state);
}

function startSlide(figure, slide) {
  const move = () => {
    figure.style.setProperty("--at", `${slide.value}%`);
    slide.setAttribute("aria-valuetext", say("viewer.at", { percent: slide.value }));
  };
  slide.addEventListener("input", move);
  move();
  const flip = figure.querySelector(".flip");
  const hold = (isHeld) => figure.classList.toggle("flipped", isHeld);
  flip.addEventListener("pointerdown", () => hold(true));
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur", "keyup"]) flip.addEventListener(name, () => hold(false));
  flip.addEventListener("keydown", (event) => { if (event.key === " " || event.key === "Enter") hold(true); });
  figure.querySelector(".side").addEventListener("click", () => setSide(figure, !figure.classList.contains("sided")));
}

function setSide(figure, isSide) {
  figure.classList.toggle("sided", isSide);
  figure.querySelector(".side").setAttribute("aria-pressed", isSide);
}

function startZoom(figure, state) {
  const show = () => {
    state.zoom = Math.min(MOST, Math.max(1, state.zoom));
    if (state.zoom === 1) [state.x, state.y] = [0, 0];
    figure.style.setProperty("--zoom", state.zoom);
    figure.style.setProperty("--x", `${state.x}px`);
    figure.style.setProperty("--y", `${state.y}px`);
    figure.classList.toggle("zoomed-in", state.zoom > 1);
    figure.querySelector(".zoomed").textContent = say("viewer.zoomed", { percent: Math.round(state.zoom * 100) });
  };
  const by = (factor) => { state.zoom *= factor; show(); };
  figure.zoomBy = by;
  figure.querySelector(".zoom-in").addEventListener("click", () => by(STEP));
  figure.querySelector(".zoom-out").addEventListener("click", () => by(1 / STEP));
  figure.querySelector(".zoom-fit").addEventListener("click", () => by(0));
  const panes = figure.querySelector(".panes");
  panes.addEventListener("wheel", (event) => { if (event.ctrlKey || state.zoom > 1) { event.preventDefault(); by(event.deltaY < 0 ? 1.15 : 1 / 1.15); } }, { passive: false });
  panes.addEventListener("dblclick", () => by(state.zoom > 1 ? 0 : 2));
  panes.addEventListener("pointerdown", (event) => { if (state.zoom > 1) panes.setPointerCapture(event.pointerId); });
  panes.addEventListener("pointermove", (event) => {
    if (state.zoom <= 1 || !panes.hasPointerCapture(event.pointerId)) return;
    state.x += event.movementX;
    state.y += event.movementY;
    show();
  });
}

/* Keys of the viewer. Returns whether the key was one of them. */
export function compareKey(figure, event) {
  const { key, type } = event;
  if (key.toLowerCase() === "b" && figure.querySelector(".slide")) return figure.classList.toggle("flipped", type === "keydown"), true;
  if (type !== "keydown") return false;
  if (key.toLowerCase() === "s" && figure.querySelector(".slide")) setSide(figure, !figure.classList.contains("sided"));
  else if (key === "+" || key === "=") figure.zoomBy(STEP);
  else if (key === "-") figure.zoomBy(1 / STEP);
  else if (key === "0") figure.zoomBy(0);
  else return false;
  return true;
}

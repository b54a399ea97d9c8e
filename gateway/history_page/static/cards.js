// What is in a section of the list: headings, cards or their outlines, and why they could not be loaded.
import { make, say } from "./dom.js";

/* Fills a section with the cards that are known, and outlines of the others. */
export function fill(element, parts, cards) {
  element.replaceChildren(...parts.filter((part) => part.ids.length).flatMap((part) => [
    ...(part.isLater ? [] : [make("h3", { className: "day", textContent: part.name })]),
    make("div", { className: "cards" }, ...part.ids.map((id) => cards.get(id) ?? outline(id))),
  ]));
  element.classList.remove("unloaded");
}

function outline(id) {
  const card = make("article", { className: "card skeleton", id: `t${id}` });
  card.dataset.id = id;
  return card;
}

export function parse(html) {
  const cards = new DOMParser().parseFromString(html, "text/html").querySelectorAll(".card");
  return new Map([...cards].map((card) => [card.dataset.id, document.adoptNode(card)]));
}

export function showFailure(element, error, retry) {
  element.querySelector(".run-failed")?.remove();
  const button = make("button", { type: "button", className: "button plain", textContent: say("failure.retry") });
  button.addEventListener("click", retry);
  const box = make("div", { className: "run-failed" }, make("span", { textContent: `${say("failure.section")}: ${error.message}` }), button);
  box.setAttribute("role", "alert");
  element.append(box);
}

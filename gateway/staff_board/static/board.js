// Keys, the live state of an order and of the queue, and the slider between before and after.
const $ = (id) => document.getElementById(id);
const texts = JSON.parse($("texts").textContent);
const say = (key, values = {}) => texts[`script.${key}`].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const QUEUE_SECONDS = 15;

/* ---- keys: J and K go to a row, Enter opens it, X chooses it, E begins the usual action, N opens the next order that needs staff */

const rows = () => [...document.querySelectorAll("[data-row]")];
const chosen = () => document.activeElement?.closest?.("[data-row]");

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(chosen());
  const row = all[Math.min(all.length - 1, Math.max(0, at + by))];
  row.querySelector(".open").focus();
  row.scrollIntoView({ block: "nearest" });
}

function act() {
  const row = chosen();
  if (row) return location.assign(`${row.dataset.href}#actions`);
  const first = document.querySelector(".action");
  if (!first) return;
  first.open = true;
  first.querySelector("input:not([type=hidden]), select")?.focus();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  e: act,
  x: () => chosen()?.querySelector("[name=order]")?.click(),
  n: () => location.assign("/staff/"),
  "?": () => $("keys").showModal(),
};

function isTyping(element) {
  return element.matches("input:not([type=checkbox], [type=range]), textarea, select") || element.isContentEditable;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (event.key === "Escape") document.activeElement.closest?.(".action")?.removeAttribute("open");
  if (isTyping(event.target)) return;
  const pressed = keys[event.key.toLowerCase()];
  if (pressed) {
    event.preventDefault();
    pressed();
  }
});
$("keys-button").hidden = false;
$("keys-button").addEventListener("click", keys["?"]);

/* ---- what a part of a page needs once it is shown: forms that are sent once, and the slider between before and after */

function start(part) {
  for (const form of part.querySelectorAll(".action form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.elements.then);
    });
  }
  for (const label of part.querySelectorAll(".upload")) {
    const [file, key] = label.querySelectorAll("input");
    file.addEventListener("change", () => upload(label, file, key));
  }
  for (const figure of part.querySelectorAll(".compare")) {
    const slide = figure.querySelector(".slide");
    const move = () => figure.style.setProperty("--at", `${slide.value}%`);
    slide.addEventListener("input", move);
    move();
  }
  const talk = part.querySelector("#only-talk");
  talk?.addEventListener("change", () => part.querySelector(".timeline").classList.toggle("talk-only", talk.checked));
}

/* ---- a finished file is stored when it is chosen; the action then names it */

async function upload(label, file, key) {
  const told = label.querySelector("[role=status]");
  const { form } = key;
  const send = [...form.querySelectorAll("button")];
  const body = new FormData();
  key.value = "";
  if (!file.files.length) return;
  body.append("file", file.files[0]);
  told.textContent = say("uploading");
  send.forEach((button) => { button.disabled = true; });
  const answer = await fetch("/staff/uploads", { method: "POST", body, headers: { Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value } }).catch(() => null);
  if (answer?.ok) key.value = (await answer.json()).image_key;
  told.textContent = answer?.ok ? say("uploaded") : say("not_uploaded");
  send.forEach((button) => { button.disabled = false; });
}

/* ---- the live part of a page, shown anew. The chosen row stays chosen, and what is being typed is never thrown away. */

async function refresh() {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html", "X-Background": "yes" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (isBusy()) return;
  const focused = chosen()?.dataset.href;
  $("live").replaceWith(page.getElementById("live"));
  start($("live"));
  document.title = page.title;
  const row = focused && rows().find((one) => one.dataset.href === focused);
  row?.querySelector(".open").focus();
}

/* Whether somebody is in the midst of something: a form is open, or orders are chosen. */
function isBusy() {
  return document.querySelector(".action[open], [name=order]:checked") !== null;
}

/* ---- an order: who else looks at it, and whether it has changed */

function follow(order) {
  const source = new EventSource(`/staff/orders/${order}/live`);
  source.addEventListener("viewers", (event) => {
    const others = JSON.parse(event.data);
    $("viewers").hidden = !others.length;
    $("viewers").textContent = others.length ? say("viewers", { names: others.join(say("comma")) }) : "";
  });
  source.addEventListener("version", (event) => {
    if (JSON.parse(event.data) <= Number($("live").dataset.version)) return;
    if (isBusy()) $("changed").hidden = false;
    else refresh();
  });
  source.addEventListener("end", () => { source.close(); location.reload(); });
  addEventListener("pagehide", () => source.close());
}

start(document);
const order = document.body.dataset.order;
if (order) follow(order);
if ("refresh" in document.body.dataset) setInterval(() => document.hidden || refresh(), QUEUE_SECONDS * 1000);
if (location.hash === "#actions") act();

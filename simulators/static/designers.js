// Keeps the designers' desk up to date: what has changed is replaced, all else stays, and so does a chosen file.
const LISTS = ["designers", "tasks", "over"];
const EVERY = 2000; // milliseconds

const isBusy = (item) =>
  item.contains(document.activeElement?.closest("select, input")) || item.querySelector("form[aria-busy]") !== null ||
  [...item.querySelectorAll("input[type=file]")].some((input) => input.files.length > 0);

function place(list, fresh) {
  const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const keep = (old, item) => old && (old.dataset.version === item.dataset.version || isBusy(old));
  const items = [...fresh.children].map((item) => {
    const old = known.get(item.dataset.key);
    return keep(old, item) ? old : document.importNode(item, true);
  });
  const isSame = items.length === list.children.length && items.every((item, place) => item === list.children[place]);
  if (!isSame) list.replaceChildren(...items);
}

async function refresh() {
  const answer = await fetch("./", { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of LISTS) place(document.getElementById(id), page.getElementById(id));
}

async function send(form, button) {
  const said = form.closest("[data-key]").querySelector(".problem");
  const body = new FormData(form, button);
  const isUpload = form.enctype === "multipart/form-data";
  form.setAttribute("aria-busy", "true");
  said.textContent = "";
  try {
    const sent = isUpload ? body : new URLSearchParams(body);
    const answer = await fetch(form.action, { method: "POST", body: sent, headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json()).error);
    form.reset();
    document.activeElement?.blur();
  } catch (error) {
    said.textContent = error.message;
  }
  form.removeAttribute("aria-busy");
  await refresh().catch(() => {});
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!event.target.hasAttribute("aria-busy")) send(event.target, event.submitter);
});
document.addEventListener("change", (event) => {
  if ("sends" in event.target.dataset) event.target.form.requestSubmit();
});
setInterval(() => document.hidden || refresh().catch(() => {}), EVERY); // away for a moment: asked again

// A person plays the customer: everything goes to the simulator, which plays the shop's bot.
import { $, button, link, make, newId } from "./dom.js";
import { showLines, showTyping, speakFromNowOn, toEnd } from "./lines.js";
import { Outbox, post } from "./outbox.js";
import { showJournal, showPanel, showPay, showProgress, showSteps } from "./order.js";
import { openShelf } from "./shelf.js";

const customer = document.body.dataset.customer;
const here = encodeURIComponent(customer);
const TAKEN = ["image/jpeg", "image/png", "image/webp"];
const LARGEST = 30_000_000; // bytes
const TYPES_AT_MOST = 60_000; // milliseconds after the last line of the customer
const AGAIN = 5000; // milliseconds between tries of what the shop did not get
const DRAFT = `darkroom-draft-${customer}`;
const LIVE = ["pending", "paid", "processing", "with_designer", "awaiting_confirm", "revision", "failed"];

let chosen = []; // pictures that are not sent yet
let lines = []; // the conversation as the simulator tells it
let address = null; // where the customer wants the files
let order = null;
const outbox = new Outbox(customer, redraw);

const everything = () => [...lines, ...outbox.lines.filter((waiting) => !lines.some((line) => line.id === waiting.id))];

function redraw() {
  const all = everything();
  showLines(all, again);
  showTyping(isTyping(all));
  if (showPay(order, all)) toEnd(); // it takes room from the conversation
}

/* The shop writes while it brings a line on, and while it looks at the pictures for a price. */
function isTyping(all) {
  const last = all.at(-1);
  if (!last || Date.now() - new Date(last.at) > TYPES_AT_MOST) return false;
  if (all.some((line) => line.state === "sending")) return true;
  return last.by === "me" && last.state === "arrived" && order?.status === "pending" && !order.quote;
}

// ---- sending --------------------------------------------------------------------------------------------------------

function again(id) {
  return outbox.has(id) ? outbox.sendAll() : post(`${here}/lines/${id}/again`);
}

/* What the shop did not get is brought again by itself, until it has it or refuses it for good. */
async function bringAgain() {
  for (const line of lines) if (line.state === "failed" && !line.is_final) await post(`${here}/lines/${line.id}/again`);
  setTimeout(bringAgain, AGAIN);
}

function send(text, pictures, fields = []) {
  if (!text && !pictures.length) return;
  const id = newId();
  outbox.add({ id, kind: "said", path: "say", text, fields: [["line", id], ["text", text], ...fields, ...pictures.map((one) => ["picture", one.file])], pictures: pictures.map((one) => ({ url: one.url, original: null })) });
  toEnd();
}

function pay() {
  const id = newId();
  const amount = $("amount").value.trim();
  outbox.add({ id, kind: "payment", path: "pay", text: `付款 ¥${amount}`, pictures: [], order: order.order_id, amount, fields: [["line", id], ["amount", amount]] });
  toEnd();
}

function choose(files) {
  const wanted = Array.from(files);
  const others = wanted.filter((file) => !TAKEN.includes(file.type));
  const large = wanted.filter((file) => TAKEN.includes(file.type) && file.size > LARGEST);
  const faults = [...others.map((file) => `${file.name || "这个文件"} 不是 JPEG、PNG 或 WebP 图片`), ...large.map((file) => `${file.name} 超过 ${LARGEST / 1_000_000} MB`)];
  $("notice").textContent = faults.length ? `${faults.slice(0, 3).join(";")}。我们收 JPEG、PNG、WebP,每张最多 ${LARGEST / 1_000_000} MB` : "";
  chosen.push(...wanted.filter((file) => !others.includes(file) && !large.includes(file)).map((file) => ({ file, url: URL.createObjectURL(file) })));
  showChosen();
}

function showChosen() {
  $("chosen").replaceChildren(...chosen.map((one, index) => make("span", { className: "thumbnail" },
    make("img", { src: one.url, alt: one.file.name }),
    button("×", () => { chosen.splice(index, 1); showChosen(); $("text").focus(); }, { ariaLabel: `不发第${index + 1}张` }))));
}

async function chooseSample(address) {
  const blob = await (await fetch(address)).blob();
  choose([new File([blob], address.split("/").pop(), { type: blob.type })]);
  $("text").focus();
}

// ---- what may be pressed --------------------------------------------------------------------------------------------

const CHIPS = {
  none: ["变清晰一点", "帮我抠图,背景透明", "左下角加个对勾", "这个能做吗", "找找有没有这样的图"],
  pending: ["变清晰一点", "帮我抠图,背景透明"],
  awaiting_confirm: ["颜色不对,再亮一点", "可以了,发到 wang@example.com", "可以了,发链接吧", "转人工设计师做"],
  revision: ["背景再亮一点"],
  completed: ["再发一遍邮件", "找找我的图"],
};

function showChips() {
  const chips = (CHIPS[order?.status ?? "none"] ?? []).map((text) => button(text, () => {
    if (order) return send(text, []);
    $("text").value = text;
    $("text").focus();
  }));
  if (order?.pictures.some((one) => one.status === "with_designer")) chips.unshift(link("去当设计师", "../tuhui/", { className: "button strong" }));
  if (order?.email_status === "sent") chips.unshift(link("打开邮箱", address ? `../mailbox/addresses/${encodeURIComponent(address)}` : "../mailbox/", { className: "button strong" }));
  $("chips").replaceChildren(...chips);
  $("cancel").hidden = !order || !LIVE.includes(order.status);
}

$("cancel").addEventListener("click", () => $("sure").showModal());
$("sure").addEventListener("close", () => {
  if ($("sure").returnValue === "cancel") send("取消这一单", [], [["action", "cancel"]]);
  $("sure").returnValue = "";
});
$("person").addEventListener("click", () => send("转人工", []));
$("my-orders").addEventListener("click", () => openShelf(here, "orders"));
$("my-pictures").addEventListener("click", () => openShelf(here, "pictures"));

// ---- live -----------------------------------------------------------------------------------------------------------

function showOrder(now) {
  order = now;
  showSteps(order);
  showPanel(order);
  showChips();
  if (!["paid", "processing"].some((status) => order.pictures.some((one) => one.status === status))) showProgress(null);
  redraw();
}

function listen() {
  const source = new EventSource(`${here}/stream`);
  const on = (name, react) => source.addEventListener(name, (event) => react(JSON.parse(event.data)));
  on("conversation", (said) => { ({ lines, address } = said); outbox.known(lines.map((line) => line.id)); redraw(); speakFromNowOn(); showChips(); });
  on("began", () => { $("journal").replaceChildren(); showProgress(null); });
  on("journal", showJournal);
  on("order", showOrder);
  on("progress", showProgress);
  on("gateway", ({ there }) => ($("away").hidden = there));
  source.addEventListener("open", () => { $("away").hidden = true; outbox.sendAll(); });
  source.addEventListener("error", () => {
    $("away").hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000); // the browser has given up
  });
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  const pictures = chosen;
  chosen = [];
  choose([]);
  $("text").value = "";
  localStorage.removeItem(DRAFT);
  send(text, pictures);
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); }
});
$("text").addEventListener("input", () => localStorage.setItem(DRAFT, $("text").value));
$("files").addEventListener("change", (event) => { choose(event.target.files); event.target.value = ""; $("text").focus(); });
document.addEventListener("paste", (event) => { if (event.clipboardData.files.length) choose(event.clipboardData.files); });
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (event) => { event.preventDefault(); document.body.classList.remove("dropping"); choose(event.dataTransfer.files); });
document.querySelectorAll("[data-sample]").forEach((sample) => sample.addEventListener("click", () => chooseSample(sample.dataset.sample)));
$("pay").addEventListener("submit", (event) => { event.preventDefault(); pay(); });
if (matchMedia("(max-width: 56rem)").matches) $("panel").open = false;
$("text").value = localStorage.getItem(DRAFT) ?? "";
setInterval(() => showTyping(isTyping(everything())), 5000);
setTimeout(bringAgain, AGAIN);
showChips();
outbox.restore();
listen();

// A person plays the customer: everything goes to the simulator, which plays the shop's bot.
const here = encodeURIComponent(document.body.dataset.customer);
const $ = (id) => document.getElementById(id);
const originals = new Map(); // of previews, by their addresses
let chosen = []; // pictures that are not sent yet
let order = null;
let addresses = [];
const OPERATIONS = { enhance: "变清晰", edit: "改图", remove_bg: "抠图", layered: "分层", remove_bg_and_layer: "抠图分层", vectorize: "转矢量", resize: "改尺寸", fix_old_photo: "修老照片" };
const unsent = new Map(); // lines that did not arrive, by their ids

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const newLine = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// ---- the conversation ---------------------------------------------------------------------------------------------

function slider(preview, original) {
  const range = make("input", { type: "range", min: 0, max: 100, value: 50, ariaLabel: "修图前后对比,左边是原图" });
  const after = make("img", { src: preview, alt: "修好的预览图", className: "after" });
  const before = make("img", { src: original, alt: "原图", className: "before" });
  const box = make("div", { className: "slider" }, after, before, make("span", { className: "divider" }), range);
  const move = () => box.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", move);
  move();
  const open = make("button", { type: "button", className: "link", textContent: "看大图" });
  open.addEventListener("click", () => enlarge(preview));
  return make("div", { className: "compared" }, box, make("div", { className: "faint" }, "← 原图 | 修好的 → ", open));
}

function picture(address, isPreview) {
  const original = originals.get(address) ?? (order?.pictures.length === 1 ? order.pictures[0].original_url : null);
  if (isPreview && original) return slider(address, original);
  const button = make("button", { type: "button", className: "picture", ariaLabel: "看大图" }, make("img", { src: address, alt: "图片" }));
  button.addEventListener("click", () => enlarge(address));
  return button;
}

function enlarge(address) {
  $("large").querySelector("img").src = address;
  $("large").showModal();
}

function words(text) {
  const parts = text.split(/(https?:\/\/\S+)/);
  return make("span", {}, ...parts.map((part, index) => (index % 2 ? make("a", { href: part, target: "_blank", textContent: "点这里下载" }) : part)));
}

function bubble(line) {
  const inside = line.pictures.map((address) => picture(address, line.by === "shop"));
  if (line.text) inside.push(line.kind === "payment" ? make("strong", { textContent: line.text }) : words(line.text));
  const time = new Date(line.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  return make("article", { className: `line ${line.by}` },
    make("div", { className: "avatar", ariaHidden: "true", textContent: line.by === "me" ? "我" : "店" }),
    make("div", {}, make("div", { className: "bubble" }, ...inside), make("div", { className: "faint", textContent: time })));
}

let lines = [];

function showLines() {
  const log = $("lines");
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  $("empty").hidden = lines.length > 0 || unsent.size > 0;
  log.querySelectorAll("article").forEach((old) => old.remove());
  log.append(...lines.map(bubble), ...Array.from(unsent.values(), failedBubble));
  if (wasAtEnd) toEnd();
}

function toEnd() {
  const log = $("lines");
  log.scrollTop = log.scrollHeight;
  for (const image of log.querySelectorAll("img")) if (!image.complete) image.addEventListener("load", () => (log.scrollTop = log.scrollHeight), { once: true });
}

function failedBubble(failed) {
  const again = make("button", { type: "button", className: "link", textContent: "重试" });
  again.addEventListener("click", () => failed.retry());
  return make("article", { className: "line me failed" }, make("div", { className: "avatar", textContent: "我" }),
    make("div", {}, make("div", { className: "bubble", textContent: failed.text }), make("div", { className: "fault", role: "alert" }, `未送达:${failed.error} `, again)));
}

// ---- sending --------------------------------------------------------------------------------------------------------

async function post(path, body, line, text) {
  let error = "";
  try {
    const answer = await fetch(`${here}/${path}`, { method: "POST", ...body });
    if (!answer.ok) error = (await answer.json().catch(() => ({}))).error ?? `错误 ${answer.status}`;
  } catch {
    error = "连不上";
  }
  if (error) unsent.set(line, { text, error, retry: () => post(path, body, line, text) });
  else unsent.delete(line);
  showLines();
}

function send(text, files) {
  if (!text && !files.length) return;
  const line = newLine();
  const body = new FormData();
  body.set("line", line);
  body.set("text", text);
  files.forEach((file) => body.append("picture", file));
  toEnd();
  return post("say", { body }, line, text || `${files.length} 张图片`);
}

function pay() {
  const line = newLine();
  const amount = $("amount").value.trim();
  $("pay").hidden = true;
  return post("pay", { body: JSON.stringify({ line, amount }) }, line, `付款 ¥${amount}`).then(showPay);
}

function choose(files) {
  chosen.push(...Array.from(files).filter((file) => file.type.startsWith("image/")));
  $("chosen").replaceChildren(...chosen.map((file, index) => {
    const drop = make("button", { type: "button", textContent: "×", ariaLabel: `不发第${index + 1}张` });
    drop.addEventListener("click", () => { chosen.splice(index, 1); choose([]); });
    return make("span", { className: "thumbnail" }, make("img", { src: URL.createObjectURL(file), alt: file.name }), drop);
  }));
}

async function chooseSample(address) {
  const blob = await (await fetch(address)).blob();
  choose([new File([blob], address.split("/").pop(), { type: blob.type })]);
  $("text").focus();
}

// ---- the order ------------------------------------------------------------------------------------------------------

const CHIPS = {
  pending: ["变清晰一点", "帮我抠图,背景透明"],
  awaiting_confirm: ["颜色不对,再亮一点", "可以了,发到 wang@example.com", "可以了,发链接吧"],
  revision: ["背景再亮一点"],
  completed: ["再发一遍邮件"],
};

function showChips() {
  const state = order?.status ?? "pending";
  $("chips").replaceChildren(...(CHIPS[state] ?? []).map((text) => {
    const chip = make("button", { type: "button", textContent: text });
    chip.addEventListener("click", () => (order ? send(text, []) : ($("text").value = text, $("text").focus())));
    return chip;
  }));
}

function showPay() {
  const quote = order?.quote;
  const wasHidden = $("pay").hidden;
  $("pay").hidden = !(quote && order.status === "pending");
  if (wasHidden && !$("pay").hidden) toEnd(); // it takes room from the conversation
  if (!quote) return;
  const span = quote.minimum === quote.maximum ? quote.minimum : `${quote.minimum}-${quote.maximum}`;
  $("price").textContent = `报价 ¥${span}`;
  if ($("pay").dataset.version !== `${order.order_id}-${quote.version}`) $("amount").value = quote.minimum;
  $("pay").dataset.version = `${order.order_id}-${quote.version}`;
}

function showOrder() {
  $("status").textContent = order.label;
  $("status").className = `status ${order.status}`;
  $("waits").replaceChildren(make("span", { className: "faint", textContent: `${order.order_id} · 在等:` }), order.waits_for);
  $("pictures").replaceChildren(...order.pictures.map((one) => make("div", { className: "card" },
    make("strong", { textContent: `第${one.number}张 ` }), make("span", { className: `status ${one.status}`, textContent: one.label }),
    make("div", { className: "faint", textContent: [OPERATIONS[one.operation], one.score === null ? null : `评分 ${one.score}`, one.retries ? `重做 ${one.retries} 次` : null, one.revisions ? `修改 ${one.revisions} 次` : null].filter(Boolean).join(" · ") }),
    one.error ? make("div", { className: "fault", textContent: one.error }) : null)));
  const links = [make("a", { href: order.workflow_url, target: "_blank", textContent: "在 Temporal 里看这个订单" })];
  if (order.email_status === "sent") links.push(make("a", { id: "open-mailbox", href: `../mailbox/addresses/${encodeURIComponent(addresses[0] ?? "")}`, target: "_blank", textContent: "打开邮箱" }));
  $("links").replaceChildren(...links);
  let found = false;
  for (const one of order.pictures) if (one.preview_url && !originals.has(one.preview_url)) { originals.set(one.preview_url, one.original_url); found = true; }
  if (found) showLines();
  showPay();
  showChips();
}

function showJournal(line) {
  const at = new Date(line.at).toLocaleTimeString("zh-CN");
  $("journal").prepend(make("li", {}, make("span", { className: "faint", textContent: at }), ` ${line.words}`));
}

// ---- live -----------------------------------------------------------------------------------------------------------

function listen() {
  const source = new EventSource(`${here}/stream`);
  const on = (name, react) => source.addEventListener(name, (event) => react(JSON.parse(event.data)));
  on("conversation", (said) => { ({ lines, addresses } = said); showLines(); if (order) showOrder(); });
  on("began", () => $("journal").replaceChildren());
  on("journal", showJournal);
  on("order", (now) => { order = now; showOrder(); });
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  const files = chosen;
  chosen = [];
  choose([]);
  $("text").value = "";
  send(text, files);
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); }
});
$("files").addEventListener("change", (event) => { choose(event.target.files); event.target.value = ""; $("text").focus(); });
document.addEventListener("paste", (event) => choose(event.clipboardData.files));
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dropping"); });
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (event) => { event.preventDefault(); document.body.classList.remove("dropping"); choose(event.dataTransfer.files); });
document.querySelectorAll("[data-sample]").forEach((sample) => sample.addEventListener("click", () => chooseSample(sample.dataset.sample)));
$("pay-button").addEventListener("click", pay);
if (matchMedia("(max-width: 56rem)").matches) $("panel").open = false;
showChips();
listen();

// A person plays the customer: everything goes to the simulator, which plays the shop's bot.
const here = encodeURIComponent(document.body.dataset.customer);
const $ = (id) => document.getElementById(id);
const OPERATIONS = { enhance: "变清晰", edit: "改图", remove_bg: "抠图", layered: "分层", remove_bg_and_layer: "抠图分层", vectorize: "转矢量", resize: "改尺寸", fix_old_photo: "修老照片" };
let chosen = []; // pictures that are not sent yet
let lines = []; // the conversation as the simulator tells it
let address = null; // where the customer wants the files
let order = null;
const outbox = new Map(); // lines that the simulator does not know yet, by their ids
const shown = new Map(); // what is on the page, by the ids of lines

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

function button(textContent, react, properties = {}) {
  const element = make("button", { type: "button", textContent, ...properties });
  element.addEventListener("click", react);
  return element;
}

const link = (textContent, href, properties = {}) => make("a", { textContent, href, target: "_blank", rel: "noopener", ...properties });
const newLine = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// ---- the conversation ---------------------------------------------------------------------------------------------

function slider(preview, original) {
  const range = make("input", { type: "range", min: 0, max: 100, value: 50, ariaLabel: "修图前后对比,左边是原图" });
  const after = make("img", { src: preview, alt: "修好的预览图", className: "after" });
  const before = make("img", { src: original, alt: "原图", className: "before" });
  const box = make("div", { className: "slider" }, after, before, make("span", { className: "divider" }), range);
  const move = () => {
    box.style.setProperty("--at", `${range.value}%`);
    range.setAttribute("aria-valuetext", `原图占 ${range.value}%`);
  };
  range.addEventListener("input", move);
  move();
  const hint = make("span", { textContent: "← 原图 | 修好的 →" });
  const open = button("看大图", () => enlarge(preview), { className: "link" });
  return make("div", { className: "compared" }, box, make("div", { className: "faint" }, hint, " ", open));
}

function picture({ url, original }, by) {
  if (original) return slider(url, original);
  const image = make("img", { src: url, alt: by === "me" ? "我发的图片" : "店铺发的图片" });
  const element = button("", () => enlarge(url), { className: "picture", ariaLabel: "看大图" });
  element.append(image);
  return element;
}

function enlarge(address) {
  $("large").querySelector("img").src = address;
  $("large").showModal();
}

function words(text) {
  const parts = text.split(/(https?:\/\/\S+)/);
  return make("span", {}, ...parts.map((part, index) => (index % 2 ? link("点这里下载", part) : part)));
}

function below(line) {
  if (line.state === "failed") return make("div", { className: "fault", role: "alert" }, `未送达:${line.error} `, button("重试", () => again(line.id), { className: "link" }));
  const time = new Date(line.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  return make("div", { className: "faint", textContent: line.state === "sending" ? "发送中…" : time });
}

function bubble(line) {
  const inside = [];
  if (line.pictures.length) inside.push(make("div", { className: `pictures ${line.pictures.length > 1 ? "many" : ""}` }, ...line.pictures.map((one) => picture(one, line.by))));
  if (line.text) inside.push(line.kind === "payment" ? make("strong", { textContent: line.text }) : words(line.text));
  return make("article", { className: `line ${line.by} ${line.state ?? ""}` },
    make("div", { className: "avatar", ariaHidden: "true", textContent: line.by === "me" ? "我" : "店" }),
    make("div", {}, make("div", { className: "bubble" }, ...inside), below(line)));
}

function showLines() {
  for (const line of lines) outbox.delete(line.id);
  const all = [...lines, ...outbox.values()];
  const isAtEnd = farFromEnd() < 120;
  $("empty").hidden = all.length > 0;
  const gone = new Set(shown.keys());
  let last = $("empty");
  for (const line of all) {
    const element = shownAs(line);
    if (last.nextElementSibling !== element) last.after(element); // what stays in its place is not read aloud again
    last = element;
    gone.delete(line.id);
  }
  for (const id of gone) {
    shown.get(id).element.remove();
    shown.delete(id);
  }
  if (isAtEnd) toEnd();
}

function shownAs(line) {
  const looks = JSON.stringify(line);
  const old = shown.get(line.id);
  if (old?.looks === looks) return old.element;
  const element = bubble(line);
  old?.element.replaceWith(element);
  shown.set(line.id, { looks, element });
  return element;
}

const farFromEnd = () => $("lines").scrollHeight - $("lines").scrollTop - $("lines").clientHeight;

function toEnd() {
  const log = $("lines");
  const jump = () => (log.scrollTop = log.scrollHeight);
  jump();
  for (const image of log.querySelectorAll("img")) if (!image.complete) image.addEventListener("load", jump, { once: true });
}

// ---- sending --------------------------------------------------------------------------------------------------------

async function post(path, body = null) {
  try {
    const answer = await fetch(`${here}/${path}`, { method: "POST", body });
    return answer.ok ? null : ((await answer.json().catch(() => ({}))).error ?? `错误 ${answer.status}`);
  } catch {
    return "连不上";
  }
}

/* A line stands in the outbox until the simulator tells of it: from then on it knows whether the line has arrived. */
async function deliver(line) {
  const waiting = { ...line, at: new Date().toISOString(), by: "me", state: "sending" };
  outbox.set(line.id, waiting);
  showLines();
  toEnd();
  const body = new FormData();
  for (const [name, value] of line.fields) body.append(name, value);
  const error = await post(line.path, body);
  if (error && outbox.has(line.id)) outbox.set(line.id, { ...waiting, state: "failed", error });
  showLines();
  showPay();
}

function again(id) {
  const line = outbox.get(id);
  return line ? deliver(line) : post(`lines/${id}/again`);
}

function send(text, pictures) {
  if (!text && !pictures.length) return;
  const id = newLine();
  const fields = [["line", id], ["text", text], ...pictures.map((one) => ["picture", one.file])];
  deliver({ id, kind: "said", path: "say", text, fields, pictures: pictures.map((one) => ({ url: one.url, original: null })) });
}

function pay() {
  const id = newLine();
  const amount = $("amount").value.trim();
  deliver({ id, kind: "payment", path: "pay", text: `付款 ¥${amount}`, pictures: [], order: order.order_id, amount, fields: [["line", id], ["amount", amount]] });
  showPay();
}

function choose(files) {
  const wanted = Array.from(files);
  const taken = wanted.filter((file) => ["image/jpeg", "image/png", "image/webp"].includes(file.type));
  $("notice").textContent = taken.length < wanted.length ? "只能发 JPEG、PNG 或 WebP 图片" : "";
  chosen.push(...taken.map((file) => ({ file, url: URL.createObjectURL(file) })));
  showChosen();
}

function showChosen() {
  $("chosen").replaceChildren(...chosen.map((one, index) => make("span", { className: "thumbnail" },
    make("img", { src: one.url, alt: one.file.name }),
    button("×", () => { chosen.splice(index, 1); showChosen(); }, { ariaLabel: `不发第${index + 1}张` }))));
}

async function chooseSample(address) {
  const blob = await (await fetch(address)).blob();
  choose([new File([blob], address.split("/").pop(), { type: blob.type })]);
  $("text").focus();
}

// ---- the order ------------------------------------------------------------------------------------------------------

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
}

const cents = (amount) => Math.round(Number(amount) * 100);

/* How much is still to pay, in cents; nothing while a payment is on its way. */
function toPay() {
  if (!order?.quote || !["pending", "expired", "paid"].includes(order.status)) return 0;
  const payments = [...lines, ...outbox.values()].filter((line) => line.order === order.order_id && line.state !== "failed");
  if (payments.reduce((sum, line) => sum + cents(line.amount), 0) > cents(order.amount_paid)) return 0;
  return Math.max(0, cents(order.quote.minimum) - cents(order.amount_paid));
}

function showPay() {
  const due = toPay();
  const wasHidden = $("pay").hidden;
  $("pay").hidden = !due;
  if (!due) return;
  if (wasHidden) toEnd(); // it takes room from the conversation
  const { minimum, maximum, version } = order.quote;
  const isMore = cents(order.amount_paid) > 0;
  $("price").textContent = isMore ? `还差 ¥${due / 100}` : `报价 ¥${minimum === maximum ? minimum : `${minimum}-${maximum}`}`;
  const offer = `${order.order_id} ${version} ${due}`;
  if ($("pay").dataset.offer !== offer) $("amount").value = (due / 100).toFixed(2);
  $("pay").dataset.offer = offer;
}

function showOrder() {
  $("status").textContent = order.label;
  $("status").className = `status ${order.status}`;
  $("waits").textContent = order.waits_for.replace(/^(?!没有|$)/, "在等:");
  $("order").replaceChildren(order.order_id);
  $("pictures").replaceChildren(...order.pictures.map(card));
  $("links").replaceChildren(link("在 Temporal 里看这个订单", order.workflow_url));
  showPay();
  showChips();
}

function card(one) {
  const facts = [OPERATIONS[one.operation], one.score === null ? null : `评分 ${one.score}`, one.retries ? `重做 ${one.retries} 次` : null, one.revisions ? `修改 ${one.revisions} 次` : null];
  return make("div", { className: "card" }, make("strong", { textContent: `第${one.number}张 ` }),
    make("span", { className: `status ${one.status}`, textContent: one.label }),
    make("div", { className: "faint", textContent: facts.filter(Boolean).join(" · ") }),
    one.error ? make("div", { className: "fault", textContent: one.error }) : null);
}

function showJournal(line) {
  const at = new Date(line.at).toLocaleTimeString("zh-CN");
  $("journal").prepend(make("li", {}, make("span", { className: "faint", textContent: at }), ` ${line.words}`));
}

// ---- live -----------------------------------------------------------------------------------------------------------

function listen() {
  const source = new EventSource(`${here}/stream`);
  const on = (name, react) => source.addEventListener(name, (event) => react(JSON.parse(event.data)));
  on("conversation", (said) => { ({ lines, address } = said); showLines(); showPay(); showChips(); });
  on("began", () => $("journal").replaceChildren());
  on("journal", showJournal);
  on("order", (now) => { order = now; showOrder(); });
  on("gateway", ({ there }) => ($("away").hidden = there));
  source.addEventListener("open", () => ($("away").hidden = true));
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
  send(text, pictures);
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
$("pay").addEventListener("submit", (event) => { event.preventDefault(); pay(); });
if (matchMedia("(max-width: 56rem)").matches) $("panel").open = false;
showChips();
listen();

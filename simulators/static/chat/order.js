// The order beside and above the conversation: where it stands, what it costs, how far the work is.
import { $, clock, day, link, make } from "./dom.js";

export const OPERATIONS = { enhance: "变清晰", edit: "改图", remove_bg: "抠图", layered: "分层", remove_bg_and_layer: "抠图分层", vectorize: "转矢量", resize: "改尺寸", fix_old_photo: "修老照片" };
const STEPS = ["下单", "付款", "制作", "看效果", "交付"];
const STANDS = { pending: 1, paid: 2, processing: 2, with_designer: 2, failed: 2, awaiting_confirm: 3, revision: 3, completed: 5 };
const DOING = { queued: "排队中", making: "正在做", checking: "检查效果" };

/* ---- where it stands ---- */

export function showSteps(order) {
  const at = order ? STANDS[order.status] : 0;
  $("steps").hidden = !order;
  if (!order) return;
  $("steps").classList.toggle("over", at === undefined); // cancelled, declined, expired
  $("steps").replaceChildren(...STEPS.map((name, place) => step(name, place, at ?? -1)));
}

function step(name, place, at) {
  const isDone = place < at;
  const element = make("li", { className: isDone ? "done" : place === at ? "now" : "" },
    make("span", { className: "dot", ariaHidden: "true", textContent: isDone ? "✓" : place + 1 }), name,
    make("span", { className: "unseen", textContent: isDone ? "(已完成)" : "" }));
  if (place === at) element.setAttribute("aria-current", "step");
  return element;
}

/* ---- how far the work is ---- */

export function showProgress(progress) {
  const pictures = progress?.pictures ?? [];
  $("progress").hidden = pictures.length === 0;
  const several = pictures.length > 1;
  $("progress").replaceChildren(...pictures.map((one) => bar(one, several, progress.ahead)));
}

function bar({ number, step: doing, percent, seconds_left }, several, ahead) {
  const which = several ? `第${number}张 ` : "";
  const left = doing === "queued" ? (ahead ? `,前面约 ${ahead} 步` : "") : seconds_left ? `,还要约 ${duration(seconds_left)}` : percent ? ",就快好了" : "";
  const words = `${which}${DOING[doing]}${doing === "queued" ? "" : ` ${percent}%`}${left}`;
  const meter = make("progress", { max: 100, ariaLabel: words });
  if (doing !== "queued") meter.value = percent;
  return make("div", { className: "work" }, make("span", { textContent: words }), meter);
}

const duration = (seconds) => (seconds < 60 ? `${seconds} 秒` : `${Math.ceil(seconds / 60)} 分钟`);

/* ---- what it costs ---- */

const cents = (amount) => Math.round(Number(amount) * 100);
const money = (amount) => (cents(amount) / 100).toFixed(2);
export const span = (minimum, maximum) => (cents(minimum) === cents(maximum) ? `¥${money(minimum)}` : `¥${money(minimum)}–${money(maximum)}`);

/* How much is still to pay, in cents; nothing while a payment is on its way. */
function toPay(order, lines) {
  if (!order?.quote || !["pending", "expired", "paid"].includes(order.status)) return 0;
  const payments = lines.filter((line) => line.order === order.order_id && line.state !== "failed");
  if (payments.reduce((sum, line) => sum + cents(line.amount), 0) > cents(order.amount_paid)) return 0;
  return Math.max(0, cents(order.quote.minimum) - cents(order.amount_paid));
}

/* Show the quote with its lines, and what is to be paid; return whether it has just appeared. */
export function showPay(order, lines) {
  const due = toPay(order, lines);
  const wasHidden = $("pay").hidden;
  $("pay").hidden = !due;
  if (!due) return false;
  const { minimum, maximum, version } = order.quote;
  const isMore = cents(order.amount_paid) > 0;
  $("price").textContent = isMore ? `还差 ${span(due / 100, due / 100)}` : `报价 ${span(minimum, maximum)}`;
  const offer = `${order.order_id} ${version} ${due}`;
  if ($("pay").dataset.offer !== offer) {
    $("amount").value = (due / 100).toFixed(2);
    $("quote-lines").replaceChildren(...quoteLines(order));
    $("quote").hidden = order.quote.lines.length === 0;
  }
  $("pay").dataset.offer = offer;
  return wasHidden;
}

function quoteLines({ quote, pictures }) {
  const rows = quote.lines.map((line) => {
    const one = pictures.find((picture) => picture.task_id === line.task_id);
    const name = [`第${one?.number ?? "?"}张`, OPERATIONS[one?.operation]].filter(Boolean).join(" ");
    return row(name, span(line.minimum, line.maximum), reasons(line.factors));
  });
  const total = quote.fixed ? "一口价" : `合计 ${quote.lines.length} 张`;
  return [...rows, row(total, span(quote.minimum, quote.maximum), "", "total")];
}

/* A factor is words, or has them; what is not in the customer's language is left out. */
function reasons(factors) {
  return factors.map((factor) => factor.words ?? factor).filter((words) => /[\u4e00-\u9fff]/.test(words)).join(" · ");
}

function row(name, price, why, className = "") {
  return make("tr", { className }, make("th", { scope: "row" }, name, why ? make("div", { className: "faint", textContent: why }) : null), make("td", { textContent: price }));
}

/* ---- everything else, beside the conversation ---- */

export function showPanel(order) {
  $("status").textContent = order.label;
  $("status").className = `status ${order.status}`;
  $("waits").textContent = order.waits_for.replace(/^(?!没有|$)/, "在等:");
  $("order").replaceChildren(order.order_id);
  $("pictures").replaceChildren(...order.pictures.map(card));
  $("links").replaceChildren(link("在 Temporal 里看这个订单", order.workflow_url));
}

function card(one) {
  const facts = [OPERATIONS[one.operation], one.score === null ? null : `评分 ${one.score}`, one.retries ? `重做 ${one.retries} 次` : null, one.revisions ? `修改 ${one.revisions} 次` : null];
  return make("div", { className: "card" }, make("strong", { textContent: `第${one.number}张 ` }),
    make("span", { className: `status ${one.status}`, textContent: one.label }),
    make("div", { className: "faint", textContent: facts.filter(Boolean).join(" · ") }),
    one.error ? make("div", { className: "fault", textContent: one.error }) : null);
}

export function showJournal(line) {
  $("journal").prepend(make("li", {}, make("span", { className: "faint", textContent: `${day(line.at)} ${clock(line.at)}` }), ` ${line.words}`));
}

// 我的订单 and 我的图片: what the shop has of this customer.
import { $, clock, day, link, make } from "./dom.js";
import { OPERATIONS, span } from "./order.js";
import { picture } from "./compare.js";

export async function openShelf(here, what) {
  const dialog = $("shelf");
  $("shelf-title").textContent = what === "orders" ? "我的订单" : "我的图片";
  $("shelf-list").replaceChildren(make("p", { className: "faint", textContent: "正在找…" }));
  if (!dialog.open) dialog.showModal();
  const found = await fetch(`${here}/orders`).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  const items = what === "orders" ? found?.orders.map(orderCard) : found?.orders.flatMap((order) => order.pictures.map((one) => pictureCard(order, one)));
  const nothing = found ? (what === "orders" ? "还没有订单,发张图片就开始啦" : "还没有图片,发一张来吧") : "暂时打不开,等会儿再试";
  $("shelf-list").className = what;
  $("shelf-list").replaceChildren(...(items?.length ? items : [make("p", { className: "faint", textContent: nothing })]));
}

function orderCard(order) {
  const price = order.quote ? span(order.quote.minimum, order.quote.maximum) : "";
  const paid = Number(order.amount_paid) ? `已付 ¥${order.amount_paid}` : "";
  return make("div", { className: "card" },
    make("div", { className: "between" }, make("strong", { textContent: order.order_id }), make("span", { className: `status ${order.status}`, textContent: order.label })),
    make("div", { className: "faint", textContent: [`${day(order.created_at)} ${clock(order.created_at)}`, `${order.pictures.length} 张`, price, paid].filter(Boolean).join(" · ") }),
    ...order.pictures.filter((one) => one.result_url).map((one) => make("div", {}, link(`下载第${one.number}张`, one.result_url))));
}

function pictureCard(order, one) {
  const shown = one.preview_url ?? one.original_url;
  if (!shown) return make("div", { className: "card faint", textContent: `第${one.number}张 ${one.label}` });
  const both = { url: shown, original: one.preview_url ? one.original_url : null };
  return make("div", { className: "card" }, picture(both, "shop", `第${one.number}张`),
    make("div", { className: "faint", textContent: [day(order.created_at), OPERATIONS[one.operation], one.label].filter(Boolean).join(" · ") }),
    one.result_url ? link("下载", one.result_url) : null);
}

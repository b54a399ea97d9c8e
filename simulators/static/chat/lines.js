// The conversation: bubbles by days, what is being typed, and each line spoken once.
import { $, button, clock, day, link, make } from "./dom.js";
import { picture } from "./compare.js";

const shown = new Map(); // what is on the page, by the ids of lines and by days
const alarmed = new Set(); // lines of which it was said that they did not arrive

const farFromEnd = () => $("lines").scrollHeight - $("lines").scrollTop - $("lines").clientHeight;

export function toEnd() {
  const log = $("lines");
  const jump = () => (log.scrollTop = log.scrollHeight);
  jump();
  for (const image of log.querySelectorAll("img")) if (!image.complete) image.addEventListener("load", jump, { once: true });
}

/* A link that follows a name and a size bears them. */
function words(text) {
  const parts = text.split(/([^\s:]+\([^()]+\):)?(https?:\/\/\S+)/);
  const pieces = [];
  for (let place = 0; place < parts.length; place += 3) {
    pieces.push(parts[place]);
    const address = parts[place + 2];
    if (address) pieces.push(link(parts[place + 1] ? `下载 ${parts[place + 1].slice(0, -1)}` : "点这里下载", address));
  }
  return make("span", {}, ...pieces.filter(Boolean));
}

function below(line, again) {
  if (line.state === "sending") return make("div", { className: "faint", textContent: "发送中…" });
  if (line.state !== "failed") return make("div", { className: "faint", textContent: clock(line.at) });
  const retry = line.is_final ? null : button("重试", () => again(line.id), { className: "link" });
  const by_itself = line.is_final ? "" : ",会自动重发";
  const fault = make("div", { className: "fault" }, `未送达:${line.error}${by_itself} `, retry);
  if (!alarmed.has(line.id)) fault.setAttribute("role", "alert"); // said once, however often it is tried
  alarmed.add(line.id);
  return fault;
}

function bubble(line, again) {
  const inside = [];
  if (line.caption) inside.push(make("strong", { className: "caption", textContent: line.caption }));
  if (line.pictures.length) inside.push(make("div", { className: `pictures ${line.pictures.length > 1 ? "many" : ""}` }, ...line.pictures.map((one) => picture(one, line.by, line.caption))));
  if (line.text) inside.push(line.kind === "payment" ? make("strong", { textContent: line.text }) : words(line.text));
  const element = make("article", { className: `line ${line.by} ${line.state ?? ""}` },
    make("div", { className: "avatar", ariaHidden: "true", textContent: line.by === "me" ? "我" : "店" }),
    make("div", {}, make("div", { className: "bubble" }, ...inside), below(line, again)));
  if (line.by === "me") element.setAttribute("aria-live", "off"); // they know what they said
  return element;
}

/* What is on the page stays as it is until it looks otherwise, and is not spoken a second time then. */
function kept(key, looks, build) {
  const old = shown.get(key);
  if (old?.looks === looks) return old.element;
  const element = build();
  if (old) element.setAttribute("aria-live", "off");
  old?.element.replaceWith(element);
  shown.set(key, { looks, element });
  return element;
}

function separator(today) {
  const element = make("div", { className: "day", textContent: today });
  element.setAttribute("aria-live", "off");
  return element;
}

function* pieces(all, again) {
  let last = "";
  for (const line of all) {
    const today = day(line.at);
    if (today !== last) yield [`day ${today}`, kept(`day ${today}`, today, () => separator(today))];
    last = today;
    yield [line.id, kept(line.id, JSON.stringify(line), () => bubble(line, again))];
  }
}

export function showLines(all, again) {
  const isAtEnd = farFromEnd() < 120;
  $("empty").hidden = all.length > 0;
  const gone = new Set(shown.keys());
  let last = $("empty");
  for (const [key, element] of pieces(all, again)) {
    if (last.nextElementSibling !== element) last.after(element);
    last = element;
    gone.delete(key);
  }
  for (const key of gone) {
    shown.get(key).element.remove();
    shown.delete(key);
  }
  $("lines").append($("typing"));
  if (isAtEnd) toEnd();
}

/* What comes after the page was opened is spoken by screen readers, each of the shop's lines as it is added. */
export function speakFromNowOn() {
  requestAnimationFrame(() => $("lines").setAttribute("aria-live", "polite"));
}

export function showTyping(isTyping) {
  if ($("typing").hidden === !isTyping) return;
  const isAtEnd = farFromEnd() < 120;
  $("typing").hidden = !isTyping;
  if (isAtEnd) toEnd();
}

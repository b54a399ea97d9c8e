// Requests to the gateway: signed, and with an answer to each way in which they fail.
import { $, make, say, toast } from "./dom.js";

const HEADERS = { "HX-Request": "true", "X-CSRF-Token": document.body.dataset.csrf ?? "" };

export class Failed extends Error {
  constructor(status) {
    super(say(`failure.${status}`));
    this.status = status;
  }
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { ...options, headers: { ...HEADERS, ...options.headers } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Failed(0), { message: say("failure.offline") });
  }
  if (answer.ok) return answer;
  if (answer.status === 401) showSignedOut();
  throw new Failed([401, 402, 403, 404, 409, 422, 429, 503].includes(answer.status) ? answer.status : 500);
}

export const getJson = async (path) => (await ask(path, { headers: { Accept: "application/json" } })).json();
export const getHtml = async (path, signal) => (await ask(path, { signal, headers: { Accept: "text/html" } })).text();

export async function post(path, body) {
  return (await ask(path, { method: "POST", body: JSON.stringify(body), headers: { Accept: "application/json", "Content-Type": "application/json" } })).json();
}

export function showSignedOut() {
  const again = make("a", { className: "button plain", href: "/history/", textContent: say("failure.retry") });
  $("notice").replaceChildren(make("div", { className: "failure" }, make("p", { textContent: say("failure.401") }), again));
}

export const tell = (error) => toast(error.message);

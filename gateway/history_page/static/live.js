// What changes elsewhere: one stream for all tabs of the browser, held by one that is visible; the others are told.
// Browsers open six connections to a host, so a stream in each tab would leave none for the seventh.
import { getJson } from "./server.js";

const user = document.body.dataset.user;
const channel = new BroadcastChannel(`darkroom-history-${user}`);
const LOCK = `darkroom-history-${user}`;
const AFTER_FAILURE = 5000; // milliseconds
let seen = Number(document.body.dataset.revision); // the newest revision that this tab knows
let release = null; // ends this tab's turn with the stream
let heard = () => {};

function hear(records) {
  const news = records.filter((record) => record.revision > seen);
  if (!news.length) return;
  seen = Math.max(...news.map((record) => record.revision));
  heard(news);
}

/* Waits for its turn and reads the stream, until the tab is hidden. */
function lead(signal) {
  navigator.locks.request(LOCK, { signal }, () => new Promise((done) => {
    const source = new EventSource(`/history/live?after=${seen}`);
    let again = 0;
    release = () => { source.close(); clearTimeout(again); release = null; done(); };
    source.addEventListener("records", (event) => {
      const records = JSON.parse(event.data);
      channel.postMessage(records);
      hear(records);
    });
    source.addEventListener("end", () => release?.());
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) again = setTimeout(() => { release?.(); turn(); }, AFTER_FAILURE); }); // the browser has given up
  })).catch(() => {}); // aborted while waiting
}

let waiting = null;
function turn() {
  waiting?.abort();
  release?.();
  if (document.hidden) return;
  waiting = new AbortController();
  lead(waiting.signal);
}

/* What was missed while no tab was visible. */
async function catchUp() {
  try {
    hear(await getJson(`/history/changes?after=${seen}`));
  } catch { /* the stream brings it later */ }
}

export function startLive(onNews) {
  heard = onNews;
  channel.addEventListener("message", (event) => hear(event.data));
  document.addEventListener("visibilitychange", () => { turn(); if (!document.hidden) catchUp(); });
  addEventListener("pagehide", () => { waiting?.abort(); release?.(); });
  addEventListener("pageshow", (event) => { if (event.persisted) turn(); });
  turn();
}

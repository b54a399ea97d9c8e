// What the customer sent and the simulator does not know yet: kept over a reload, and sent again by itself.
const NAME = "darkroom-chat";
const STORE = "outbox";
const PAUSES = [2000, 5000, 15000, 30000]; // milliseconds between tries, the last one again and again

function store(mode, react) {
  return new Promise((resolve, reject) => {
    const opened = indexedDB.open(NAME, 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore(STORE, { keyPath: "id" });
    opened.onerror = () => reject(opened.error);
    opened.onsuccess = () => {
      const asked = react(opened.result.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
      asked.transaction.oncomplete = () => opened.result.close();
    };
  });
}

const quietly = (promise) => promise.catch(() => undefined); // a browser that keeps nothing sends all the same

export class Outbox {
  #lines = new Map(); // by their ids, in the order in which they were sent
  #count = 0; // numbers lines, since a clock may go back
  #tries = 0;
  #timer = null;
  #isSending = false;

  constructor(customer, changed) {
    this.customer = customer;
    this.changed = changed;
    addEventListener("online", () => this.sendAll());
  }

  get lines() {
    return [...this.#lines.values()].map(({ fields, ...line }) => line);
  }

  /* Take up what an earlier page left, and send it. */
  async restore() {
    const left = (await quietly(store("readonly", (lines) => lines.getAll()))) ?? [];
    for (const line of left.filter((one) => one.customer === this.customer).sort((a, b) => a.number - b.number)) {
      this.#count = Math.max(this.#count, line.number);
      const pictures = line.fields.filter(([name]) => name === "picture").map(([, file]) => ({ url: URL.createObjectURL(file), original: null }));
      if (!this.#lines.has(line.id)) this.#lines.set(line.id, { ...line, pictures });
    }
    this.changed();
    this.sendAll();
  }

  add(line) {
    const waiting = { ...line, number: ++this.#count, customer: this.customer, at: new Date().toISOString(), by: "me", state: "sending" };
    this.#lines.set(line.id, waiting);
    quietly(store("readwrite", (lines) => lines.put({ ...waiting, pictures: [] })));
    this.changed();
    this.sendAll();
  }

  /* The simulator knows these: from now on it says whether they have arrived. */
  known(ids) {
    for (const id of ids) if (this.#lines.delete(id)) this.#forget(id);
  }

  /* Send what waits, one after another as the customer sent it; the id of a line keeps it from being two. */
  async sendAll() {
    if (this.#isSending) return;
    this.#isSending = true;
    clearTimeout(this.#timer);
    let isAway = false;
    for (const line of [...this.#lines.values()]) {
      const waiting = this.#lines.get(line.id);
      if (!waiting || waiting.isTold || waiting.is_final) continue;
      this.#update(line.id, { state: "sending" });
      const failure = await this.#send(line);
      if (failure) this.#update(line.id, { state: "failed", ...failure });
      isAway ||= Boolean(failure && !failure.is_final);
      if (isAway) break;
    }
    this.#isSending = false;
    if (isAway) this.#timer = setTimeout(() => this.sendAll(), PAUSES[Math.min(this.#tries++, PAUSES.length - 1)]);
    else this.#tries = 0;
    if (!isAway && this.#hasMore()) this.sendAll();
  }

  has(id) {
    return this.#lines.has(id) && !this.#lines.get(id).isTold;
  }

  #hasMore() {
    return [...this.#lines.values()].some((line) => line.state === "sending" && !line.isTold);
  }

  async #send(line) {
    const body = new FormData();
    for (const [name, value] of line.fields) body.append(name, value);
    const failure = await post(`${encodeURIComponent(this.customer)}/${line.path}`, body);
    if (!failure || failure.isTold) this.#update(line.id, { isTold: true });
    if (failure?.is_final && !failure.isTold) this.#forget(line.id); // kept it would only be refused again
    return failure?.isTold ? null : failure;
  }

  #update(id, facts) {
    const line = this.#lines.get(id);
    if (!line) return;
    this.#lines.set(id, { ...line, ...facts });
    this.changed();
  }

  #forget(id) {
    quietly(store("readwrite", (lines) => lines.delete(id)));
  }
}

/* Return nothing where it was taken, else what is wrong; `isTold` where the simulator has the line and says so itself. */
export async function post(path, body = null) {
  try {
    const answer = await fetch(path, { method: "POST", body });
    if (answer.ok) return null;
    const { error, is_final } = await answer.json().catch(() => ({}));
    return { error: error ?? `错误 ${answer.status}`, is_final: is_final ?? answer.status < 500, isTold: answer.status === 502 && is_final !== undefined };
  } catch {
    return { error: "连不上", is_final: false };
  }
}

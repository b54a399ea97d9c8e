// Deleting: says what it deletes, asks, and can be undone for ten seconds.
import { $, make, say, toast } from "./dom.js";
import { post, tell } from "./server.js";

const UNDO_SECONDS = 10;
const SHOWN = 4; // records in the question
let deleted = () => {}; // told about ids that went
let restored = () => {}; // told after an undo

export function onDeletion(onDeleted, onRestored) {
  [deleted, restored] = [onDeleted, onRestored];
}

/* Asks about records, id → { thumb, pictures, prompt }, and deletes them. Returns whether it did. */
export async function askAndDelete(records) {
  if (!(await isSure([...records.values()]))) return false;
  const ids = [...records.keys()];
  try {
    const { count } = await post("/history/bin", { ids });
    deleted(ids);
    offerUndo(ids, count);
  } catch (error) {
    tell(error);
    return false;
  }
  return true;
}

function isSure(records) {
  const pictures = records.reduce((sum, record) => sum + record.pictures, 0);
  $("sure-title").textContent = say("bin.title", { count: records.length });
  $("sure-what").textContent = say("bin.what", { pictures });
  const lines = records.slice(0, SHOWN).map(({ thumb, prompt }) => make("li", {}, thumb ? make("img", { src: thumb, alt: "" }) : make("i"), make("span", { textContent: prompt.slice(0, 80) })));
  if (records.length > SHOWN) lines.push(make("li", { className: "faint", textContent: say("bin.and_more", { count: records.length - SHOWN }) }));
  $("sure-list").replaceChildren(...lines);
  $("sure").returnValue = "";
  $("sure").showModal();
  return new Promise((resolve) => $("sure").addEventListener("close", () => resolve($("sure").returnValue === "delete"), { once: true }));
}

function offerUndo(ids, count) {
  let left = UNDO_SECONDS;
  const button = make("button", { type: "button", className: "button", textContent: say("bin.undo", { seconds: left }) });
  const shown = toast(say("bin.deleted", { count }), { lasts: UNDO_SECONDS * 1000, button });
  const ticking = setInterval(() => {
    left -= 1;
    button.textContent = say("bin.undo", { seconds: left });
    if (left <= 0) clearInterval(ticking);
  }, 1000);
  button.addEventListener("click", async () => {
    clearInterval(ticking);
    shown.remove();
    try {
      const back = await post("/history/bin/undo", { ids });
      toast(say("bin.undone", { count: back.count }));
      restored(ids);
    } catch (error) {
      tell(error);
    }
  });
}

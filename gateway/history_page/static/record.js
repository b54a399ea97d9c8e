// A record on a page of its own.
import { $ } from "./dom.js";
import { askAndDelete, onDeletion } from "./bin.js";
import { compareKey, startCompare } from "./compare.js";

const figure = document.querySelector(".compare");
if (figure) startCompare(figure);
const there = (rel) => document.querySelector(`a[rel=${rel}]`)?.click();

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("sure").open || event.target.matches("textarea, input:not([type=range])")) return;
  const isOnSlider = event.target.matches("[type=range]");
  if (event.type === "keydown" && !isOnSlider && event.key === "ArrowLeft") there("prev");
  else if (event.type === "keydown" && !isOnSlider && event.key === "ArrowRight") there("next");
  else if (figure) compareKey(figure, event);
}

addEventListener("keydown", key);
addEventListener("keyup", key);
document.addEventListener("click", async (event) => {
  const button = event.target.closest(".delete");
  if (!button) return;
  const { prompt, thumb, pictures } = button.dataset;
  await askAndDelete(new Map([[button.closest(".record").dataset.id, { prompt, thumb, pictures: Number(pictures) }]]));
});
onDeletion(() => { document.querySelector(".record").hidden = true; }, () => location.reload());

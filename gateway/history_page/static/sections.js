// The whole history cut into sections of whole days, whose height is known before anything of them is loaded.
export const SIZE = 48; // records; whole rows with one to four columns
export const COLUMNS = [1, 2, 3, 4];

/* Cuts days [{day, name, ids}], newest first, into sections. They are counted from the oldest, so that what is new
   changes only the first ones. */
export function cut(days) {
  const sections = [];
  let parts = [];
  let size = 0;
  for (const part of days.flatMap(pieces).reverse()) {
    parts.unshift(part);
    size += part.ids.length;
    if (size < SIZE) continue;
    sections.unshift(parts);
    [parts, size] = [[], 0];
  }
  if (parts.length) sections.unshift(parts);
  return sections;
}

/* A long day becomes several pieces; only the first has the heading. */
function pieces({ day, name, ids }) {
  if (ids.length <= 2 * SIZE) return [{ day, name, ids, isLater: false }];
  const count = Math.ceil(ids.length / SIZE);
  return Array.from({ length: count }, (_, index) => ({ day, name, ids: ids.slice(index * SIZE, (index + 1) * SIZE), isLater: index > 0 }));
}

/* Tells the style sheet how many headings and rows a section has, for each number of columns. */
export function measure(element, parts) {
  element.style.setProperty("--heads", parts.filter((part) => !part.isLater && part.ids.length).length);
  for (const columns of COLUMNS) element.style.setProperty(`--rows${columns}`, parts.reduce((rows, part) => rows + Math.ceil(part.ids.length / columns), 0));
}

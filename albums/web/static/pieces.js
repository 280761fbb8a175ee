// A list cut into pieces that are fetched one by one: by time, from the counts of all days; or in
// the order of results, page after page. What a piece holds is known before: its height is, too.

const MOST = 240; // photos in a piece
const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const PLACES = 3; // in a heading

export const monthWords = (key) =>
  key === "undated" ? "Without a date" : `${MONTHS[key.slice(5, 7) - 1]} ${key.slice(0, 4)}`;
const dayWords = (key) =>
  `${DAYS[new Date(`${key}T00:00Z`).getUTCDay()]} ${Number(key.slice(8))} ${MONTHS[key.slice(5, 7) - 1]}`;

async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.json();
}

export function placesOf(items) {
  const counted = new Map();
  for (const { place } of items) {
    const city = place?.split(", ")[0];
    if (city) counted.set(city, (counted.get(city) ?? 0) + 1);
  }
  return [...counted].sort((a, b) => b[1] - a[1]).slice(0, PLACES).map(([city]) => city).join(", ");
}

function daysOf({ months, undated }) {
  const days = months.flatMap(({ key, days, counts }) =>
    days.map((day, i) => ({ key: `${key}-${String(day).padStart(2, "0")}`, count: counts[i] })),
  );
  return undated ? [...days, { key: "undated", count: undated }] : days;
}

// Whole days of one year until they are many; a heavy day in parts. From the oldest on, so that
// what comes in later leaves old pieces, and what the browser keeps of them, as they are.
function cut(days) {
  const pieces = [];
  let open = null;
  for (const day of days.toReversed()) {
    if (day.count > MOST || day.key === "undated") {
      open = null;
      const parts = [];
      for (let offset = 0; offset < day.count; offset += MOST)
        parts.push({ days: [day], offset, count: Math.min(MOST, day.count - offset) });
      pieces.push(...parts.reverse());
    } else if (open && open.days[0].key.slice(0, 4) === day.key.slice(0, 4) && open.count + day.count <= MOST) {
      open.days.unshift(day);
      open.count += day.count;
    } else pieces.push((open = { days: [day], offset: 0, count: day.count }));
  }
  return pieces.reverse();
}

function groupsOf(piece, by, before) {
  const groups = [];
  for (const day of piece.days) {
    const month = day.key === "undated" ? day.key : day.key.slice(0, 7);
    const key = by === "day" ? day.key : month;
    const count = piece.days.length > 1 ? day.count : piece.count;
    const last = groups.at(-1) ?? before;
    if (groups.length && last.key === key) last.count += count;
    else
      groups.push({
        key, month, count,
        bare: last?.key === key, // it goes on from the piece before
        begins: last?.month !== month,
        words: by === "day" && key !== "undated" ? dayWords(key) : monthWords(month),
      });
  }
  return groups;
}

export async function byTime(query, by) {
  const days = daysOf(await ask(`/api/v1/timeline/days?query=${encodeURIComponent(query)}`));
  const pieces = cut(days);
  let before = null;
  for (const piece of pieces) {
    piece.groups = groupsOf(piece, by, before);
    if (before && piece.groups[0].bare) before.goesOn = true;
    before = piece.groups.at(-1);
    const [first, last] = [piece.days[0].key, piece.days.at(-1).key];
    const span = first === last ? first : `${last}..${first}`;
    piece.load = () => columns(`/api/v1/timeline/${span}?limit=${piece.count}&offset=${piece.offset}&query=${encodeURIComponent(query)}`);
  }
  return pieces;
}

async function columns(address) {
  const found = await ask(address);
  const names = Object.keys(found).filter((name) => Array.isArray(found[name]));
  return found.sha.map((_, i) => Object.fromEntries(names.map((name) => [name, found[name][i]])));
}

// The next page of results, as the page's own link gives it: {tiles, next, over}.
export async function nextPage(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const link = page.querySelector(".photos ~ .more a[rel=next]");
  return { tiles: [...page.querySelectorAll(".photos li[data-sha]")], next: link?.getAttribute("href") ?? null };
}

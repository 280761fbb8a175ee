// Justified rows: photos in their proportions, rows that fill the width. Pure arithmetic, linear.
//
// A group is a day or a month: {count, aspects (width / height, or null while they are not known),
// goesOn (its last row is not the end of it)}. Small groups stand side by side.

const SMALL = 0.7; // of the width: what is wider has rows of its own
const FULL = 0.8; // a last row this full is justified, too
const WIDOW = 0.35; // and one less full joins the row above
const FLATTEST = 5, TALLEST = 0.42;

export const bounded = (aspect) => Math.min(FLATTEST, Math.max(TALLEST, aspect || 1));

const sum = (numbers, from, to) => {
  let total = 0;
  for (let i = from; i < to; i++) total += numbers[i];
  return total;
};

// Where rows end, for photos that do not fit in one.
function breaks(aspects, room, gap, goesOn) {
  const ends = [];
  let from = 0, wide = 0;
  for (let i = 0; i < aspects.length; i++) {
    const more = aspects[i] + (i > from ? gap : 0);
    if (i > from && wide + more > room && room - wide < wide + more - room) {
      ends.push(i);
      from = i;
      wide = aspects[i];
    } else wide += more;
    if (wide >= room) {
      ends.push(i + 1);
      from = i + 1;
      wide = 0;
    }
  }
  if (from === aspects.length) return ends;
  if (ends.length && wide < (goesOn ? FULL : WIDOW) * room) even(ends, aspects, wide, room);
  ends.push(aspects.length);
  return ends;
}

// The photos of the last two rows in one, or in two of like length: no gap, and no photo alone.
function even(ends, aspects, wide, room) {
  const last = ends.pop(), from = ends.at(-1) ?? 0;
  if (wide < WIDOW * room) return;
  const half = sum(aspects, from, aspects.length) / 2;
  let at = from, filled = 0;
  while (at < last && filled + aspects[at] / 2 < half) filled += aspects[at++];
  ends.push(Math.max(at, from + 1));
}

function row(aspects, from, to, y, x, high, gap) {
  const xs = [];
  for (let i = from; i < to; i++) {
    xs.push(x);
    x += aspects[i] * high + gap;
  }
  return { from, to, y, high, xs, right: x - gap };
}

function block({ count, aspects, goesOn, mean }, size, y) {
  const { width, height, gap, below } = size;
  if (!aspects) {
    const rows = Math.max(1, Math.round((count * (mean * height + gap)) / (width + gap)));
    return { x: 0, y, wide: width, rows: [], high: rows * (height + gap + below) - gap };
  }
  const rows = [];
  let from = 0, top = 0;
  for (const to of breaks(aspects, width / height, gap / height, goesOn)) {
    const wide = sum(aspects, from, to), room = width - gap * (to - from - 1);
    const full = to < aspects.length || goesOn || wide * height >= FULL * room;
    const high = full ? room / wide : height;
    rows.push(row(aspects, from, to, top, 0, high, gap));
    top += high + gap + below;
    from = to;
  }
  return { x: 0, y, wide: width, rows, high: top - gap };
}

// size: {width, height (of a row), gap, between (groups side by side), heading (height of one),
// below (what stands under each photo)}. -> {blocks: one a group, high}.
export function lay(groups, size) {
  const { width, height, gap, between, heading, below } = size;
  const blocks = [];
  let y = 0, line = [];
  const natural = (group) =>
    group.aspects ? sum(group.aspects, 0, group.count) : group.count * group.mean;
  const close = () => {
    if (!line.length) return;
    const photos = line.reduce((all, { group }) => all + natural(group), 0);
    const gaps = line.reduce((all, { group }) => all + gap * (group.count - 1), 0);
    const room = width - gaps - between * (line.length - 1);
    const fits = photos * height >= FULL * room ? room / photos : height;
    const high = Math.min(fits, height * 1.25);
    let x = 0;
    for (const { group, at } of line) {
      const wide = natural(group) * high + gap * (group.count - 1);
      const rows = group.aspects ? [row(group.aspects, 0, group.count, 0, 0, high, gap)] : [];
      blocks[at] = { x, y, wide, rows, high: high + below };
      x += wide + between;
    }
    y += heading + high + below + between;
    line = [];
  };
  let filled = 0;
  groups.forEach((group, at) => {
    const wide = natural(group) * height + gap * (group.count - 1);
    const small = wide < SMALL * width && !group.goesOn && !group.bare;
    if (line.length && (!small || group.fresh || filled + between + wide > width * 1.1)) close();
    if (group.fresh) y += group.fresh;
    if (small) {
      filled = line.length ? filled + between + wide : wide;
      line.push({ group, at });
    } else {
      blocks[at] = block(group, size, y);
      y += heading * !group.bare + blocks[at].high + between;
    }
  });
  close();
  return { blocks, high: y };
}

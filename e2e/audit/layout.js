// What lies where it must not, on the page as it stands: six kinds of fault, and neighbours that touch.
// Left out is what is lifted (absolute, fixed, sticky), hidden or scrolled away, negative margins, and the words in fields.
() => {
  const SLACK = 2;
  const GAP = 4;
  const styles = new Map();
  const style = (one) => styles.get(one) ?? styles.set(one, getComputedStyle(one)).get(one);
  const lifted = (one) =>
    one && one !== document.body && (/absolute|fixed|sticky/.test(style(one).position) || lifted(one.parentElement));
  const scrolls = (one) => /auto|scroll/.test(style(one).overflowX + style(one).overflowY);
  const scrolled = (one) => one && one !== document.body && (scrolls(one) || scrolled(one.parentElement));
  const named = (one) => `${one.localName}${one.className?.trim?.() ? `.${one.className.trim().replaceAll(/\s+/g, ".")}` : ""}`
    + ` “${(one.innerText ?? "").replaceAll(/\s+/g, " ").trim().slice(0, 30)}”`;
  const area = (box) => box.width > 1 && box.height > 1;
  const meet = (one, other, slack = SLACK) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > slack &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > slack;
  const boxes = new Map();
  const box = (one) => boxes.get(one) ?? boxes.set(one, one.getBoundingClientRect()).get(one);
  const apart = (one, other) => !one.contains(other) && !other.contains(one);

  const shown = [...document.querySelectorAll("body *:not(svg *, option, iframe, br, wbr)")]
    .filter((one) => one.checkVisibility() && area(box(one)) && !lifted(one));
  const flat = shown.filter((one) => !scrolled(one.parentElement));
  const pictures = shown.filter((one) => one.matches("svg, img"));
  // The lines of each piece of text, with the element in which it stands.
  const range = document.createRange();
  const lines = flat.filter((one) => !one.matches("svg, textarea, select") && !scrolls(one)).flatMap((one) => [...one.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
    .flatMap((node) => (range.selectNodeContents(node), [...range.getClientRects()]))
    .filter(area).map((rect) => ({ one, rect })));
  const blocks = flat.filter((one) => !/^inline$|contents/.test(style(one).display));
  const block = (one) => (style(one).display === "inline" ? block(one.parentElement) : one);
  const targets = flat.filter((one) => one.matches("a[href], button, summary, select, textarea, input:not([type=hidden])"));
  const rects = (one) => [...one.getClientRects()].filter(area);

  // In a grid the column of a picture is its track.
  const column = (one, parent = one.parentElement) => {
    if (!style(parent).display.endsWith("grid")) return parent.clientWidth || box(parent).width;
    const tracks = style(parent).gridTemplateColumns.split(" ");
    return parseFloat(tracks[[...parent.children].indexOf(one) % tracks.length]);
  };
  const wide = pictures.filter((one) => box(one).width > Math.min(column(one), innerWidth) + SLACK);
  const onPicture = lines.filter(({ one, rect }) => pictures.some((picture) => meet(rect, box(picture)) && apart(picture, one)));
  const sorted = lines.toSorted((one, other) => one.rect.top - other.rect.top);
  const onText = sorted.filter(({ one, rect }, place) => {
    for (let next = place + 1; next < sorted.length && sorted[next].rect.top < rect.bottom - SLACK; next += 1)
      if (block(one) !== block(sorted[next].one) && meet(rect, sorted[next].rect, 3)) return true;
    return false;
  });
  const clips = (one) => one && one !== document.documentElement
    && (/hidden|clip/.test(style(one).overflowX) ? one : clips(one.parentElement));
  const cut = lines.filter(({ one, rect }) => {
    const clip = clips(one);
    return rect.right > innerWidth + SLACK || rect.left < -SLACK
      || (clip && (rect.right > box(clip).right + SLACK || rect.bottom > box(clip).bottom + 4));
  });
  const negative = (one) => ["marginLeft", "marginRight", "marginTop", "marginBottom"].some((side) => parseFloat(style(one)[side]) < 0);
  const out = blocks.filter((one) => {
    const parent = block(one.parentElement);
    return parent !== document.documentElement && !negative(one) && !one.matches("input, svg, img, tr, td, th, tbody, thead")
      && (box(one).right > box(parent).right + SLACK || box(one).left < box(parent).left - SLACK);
  });
  const things = [...lines, ...[...targets, ...pictures].flatMap((one) => rects(one).map((rect) => ({ one, rect })))];
  const stacked = targets.flatMap((target) => rects(target).flatMap((mine) => things
    .filter(({ one, rect }) => meet(mine, rect, 3) && apart(target, one)).map(({ one }) => [target, one])));
  // What has an edge on its left and its top is seen where it ends: neither such a box nor words come closer than a gap.
  const edged = (one) => ["Left", "Top"].every((side) => parseFloat(style(one)[`border${side}Width`]) >= 1);
  const plates = blocks.filter((one) => edged(one) && !one.matches("svg"));
  const close = (one, other) =>
    Math.max(Math.max(one.left, other.left) - Math.min(one.right, other.right),
      Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom)) < GAP;
  const touching = plates.flatMap((plate, place) => [
    ...plates.slice(place + 1).map((one) => ({ one, rect: box(one) })), ...lines,
  ].filter(({ one, rect }) => close(box(plate), rect) && apart(plate, one)).map(({ one }) => [plate, one]));

  const tell = (what, found, name = ({ one }) => named(one)) => found.map((each) => `${what}: ${name(each)}`);
  const both = ([one, other]) => `${named(one)} and ${named(other)}`;
  return [...new Set([
    ...tell("wider than its column", wide, named),
    ...tell("text on a picture", onPicture),
    ...tell("text on text", onText),
    ...tell("text cut off", cut),
    ...tell("sticks out of its box", out, named),
    ...tell("targets on each other", stacked, both),
    ...tell("neighbours touch", touching, both),
  ])];
}

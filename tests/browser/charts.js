// Every text of a chart that meets another one of the chart, or does not stand whole inside it. Texts are measured as they are drawn: turned ones too.
const TOLERANCE = 1;

// A legend with more entries than room scrolls: what is out of its window is not seen.
function scrolledAway(text) {
  const room = text.closest(".legend")?.querySelector(".bg")?.getBoundingClientRect();
  const box = text.getBoundingClientRect();
  return room && (box.top < room.top - TOLERANCE || box.bottom > room.bottom + TOLERANCE);
}

const drawn = (text) => !scrolledAway(text) && text.textContent.trim() && !text.closest(".hoverlayer, .modebar, .notifier") && text.checkVisibility({ visibilityProperty: true, opacityProperty: true });

function corners(text) {
  const box = text.getBBox();
  const at = text.getScreenCTM();
  const ends = [[box.x, box.y], [box.x + box.width, box.y], [box.x + box.width, box.y + box.height], [box.x, box.y + box.height]];
  return ends.map(([x, y]) => [at.a * x + at.c * y + at.e, at.b * x + at.d * y + at.f]);
}

// How deep two rectangles reach into each other, in pixels: the least over the directions of their sides; below zero where they are apart.
function depth(one, other) {
  let least = Infinity;
  for (const [a, b] of [[one[0], one[1]], [one[1], one[2]], [other[0], other[1]], [other[1], other[2]]]) {
    const long = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const along = ([x, y]) => (x * (b[0] - a[0]) + y * (b[1] - a[1])) / long;
    const [p, q] = [one.map(along), other.map(along)];
    least = Math.min(least, Math.max(...p) - Math.min(...q), Math.max(...q) - Math.min(...p));
  }
  return least;
}

function problems(chart) {
  const room = chart.getBoundingClientRect();
  const texts = [...chart.querySelectorAll("svg text")].filter(drawn).map((text) => ({ said: text.textContent.trim().slice(0, 60), ends: corners(text) }));
  const found = [];
  texts.forEach((one, i) => {
    const out = one.ends.some(([x, y]) => x < room.left - TOLERANCE || x > room.right + TOLERANCE || y < room.top - TOLERANCE || y > room.bottom + TOLERANCE);
    if (out) found.push(`outside: ${one.said}`);
    for (const other of texts.slice(i + 1)) if (depth(one.ends, other.ends) > TOLERANCE) found.push(`meet: ${one.said} | ${other.said}`);
  });
  return found;
}

window.chartTexts = () => [...document.querySelectorAll(".js-plotly-plot")].filter((chart) => chart.checkVisibility()).flatMap(problems);

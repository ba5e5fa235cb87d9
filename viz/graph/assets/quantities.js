// Numbers with their units, as the legend and the card show them.

/**
 * @param {number | null | undefined} value
 * @param {string} unit "B", "s", "px", "FLOP/B" or "" for a count
 */
export function quantity(value, unit) {
  if (value == null) return "–";
  if (unit === "B") return scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
  if (unit === "s") return scaled(value * 1e6, 1000, ["µs", "ms", "s"]);
  if (unit === "px" || unit === "FLOP/B") return `${Number(value.toPrecision(4))} ${unit}`;
  return scaled(value, 1000, ["", "k", "M", "G", "T", "P"]);
}

/**
 * @param {number} value
 * @param {number} base
 * @param {string[]} units
 */
function scaled(value, base, units) {
  let i = 0;
  while (value >= base && i < units.length - 1) [value, i] = [value / base, i + 1];
  const digits = value < 999.5 ? value.toPrecision(3) : Math.round(value); // toPrecision would write 1023 as 1.02e+3
  return `${i === 0 && Number.isInteger(value) ? value : digits} ${units[i]}`.trim();
}

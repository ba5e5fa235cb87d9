// The code that shows a page of the app inside another site.

/** @param {string} text */
const escaped = (text) => text.replace(/[&"<>]/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * An iframe of the page at `address`, without the app's own bars.
 * @param {string} address @param {string} title
 */
export function embedCode(address, title) {
  const url = new URL(address);
  url.searchParams.set("embed", "true");
  return `<iframe src="${escaped(url.href)}" title="${escaped(title)}" width="100%" height="760" style="border: 0" loading="lazy"></iframe>`;
}

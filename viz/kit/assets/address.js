// The address of the page that was just opened, written into the entry that opening it made; and the addresses of all pages, kept by this tab. The language that the user chose is
// kept by the browser.
//
// Streamlit makes an entry with the page's path first, and knows the page's own parameters only when the page has run.
// A reload ends the session; the tab tells the next one how it left the other pages.

import { entryUrl, forgotten } from "./entry.js";

const RETRY = 50; // milliseconds until the path is looked at again
const COOKIE = "explorer_language"; // read by viz/kit/language.py
const KEPT = "explorer.pages";
let shown = -1;
let told = false;

/** @param {{ data: { page: string, visit: number, query: string, left: Record<string, string>, language: string, spoken: string }, setStateValue: (name: string, value: unknown) => void }} component */
export default function ({ data, setStateValue }) {
  let timer = 0;
  const show = () => {
    if (shown === data.visit) return;
    const url = entryUrl(location.pathname, location.search, data.page, data.query);
    if (url === null) {
      timer = window.setTimeout(show, RETRY); // the path is still that of the page before
      return;
    }
    shown = data.visit;
    if (url !== location.pathname + location.search) history.replaceState(history.state, "", url);
  };
  show();
  document.documentElement.lang = data.spoken;
  if (data.language) document.cookie = `${COOKIE}=${data.language}; path=/; max-age=31536000; samesite=lax`;
  const kept = forgotten(sessionStorage.getItem(KEPT), data.left);
  if (!told && Object.keys(kept).length > 0) setStateValue("left", kept);
  told = true;
  sessionStorage.setItem(KEPT, JSON.stringify({ ...kept, ...data.left }));
  return () => window.clearTimeout(timer);
}

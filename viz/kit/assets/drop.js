// A file dropped anywhere on the page goes to the page's uploader, as if it had been chosen there.

const OVER = "explorer-file-over";

/** @param {DragEvent} event */
const carriesFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));

/** The uploader's own field. */
const field = () => /** @type {HTMLInputElement | null} */ (document.querySelector(".st-key-drop input[type=file]"));

/** @param {DragEvent} event */
function over(event) {
  if (!carriesFiles(event) || !field()) return;
  event.preventDefault(); // else the browser would leave the page and open the file
  document.body.classList.add(OVER);
}

/** @param {DragEvent} event */
function left(event) {
  if (!event.relatedTarget) document.body.classList.remove(OVER); // out of the window
}

/** @param {DragEvent} event */
function dropped(event) {
  document.body.classList.remove(OVER);
  const uploader = field();
  if (!carriesFiles(event) || !event.dataTransfer || !uploader) return;
  event.preventDefault();
  if (event.target instanceof Element && event.target.closest("[data-testid=stFileUploaderDropzone]")) return; // Streamlit takes it
  uploader.files = event.dataTransfer.files;
  uploader.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {{ data: { name: string } }} component */
export default function ({ data }) {
  // The button's words are the page's style's, and it is another button after each file.
  const name = () => document.querySelector(".st-key-drop [data-testid=stFileUploaderDropzone] button:not([aria-label])")?.setAttribute("aria-label", data.name);
  const changes = new MutationObserver(name);
  changes.observe(document.body, { subtree: true, childList: true });
  name();
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", left);
  document.addEventListener("drop", dropped);
  return () => {
    changes.disconnect();
    document.removeEventListener("dragover", over);
    document.removeEventListener("dragleave", left);
    document.removeEventListener("drop", dropped);
    document.body.classList.remove(OVER);
  };
}

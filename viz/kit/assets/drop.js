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

export default function () {
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", left);
  document.addEventListener("drop", dropped);
  return () => {
    document.removeEventListener("dragover", over);
    document.removeEventListener("dragleave", left);
    document.removeEventListener("drop", dropped);
    document.body.classList.remove(OVER);
  };
}

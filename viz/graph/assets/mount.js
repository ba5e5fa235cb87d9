// Streamlit calls this on every change of data or theme, with the same element.
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".viewer");
  root.viewer ??= new Viewer(root);
  root.viewer.update(data, (view) => setStateValue("view", view));
}

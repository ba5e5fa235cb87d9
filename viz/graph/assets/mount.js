// Streamlit calls this once, and on every change of theme, with the same element.
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".viewer");
  root.viewer ??= new Viewer(root);
  root.mail ??= new Mail(root.viewer, parentElement.host, data.mail);
  root.mail.deliver((view) => setStateValue("view", view));
}

// The picture's data are text that stands, hidden, beside the component (viz.graph.view says why). It is read as soon as it changes.
class Mail {
  constructor(viewer, host, name) {
    this.viewer = viewer;
    this.box = `.st-key-${name}`;
    this.around = host.closest(`:has(${this.box})`) ?? document.body; // the box itself may be made anew
    new MutationObserver(() => this.take()).observe(this.around, { subtree: true, childList: true, characterData: true });
  }

  deliver(send) {
    this.send = send;
    if (!this.take() && this.data) this.viewer.update(this.data, send);
  }

  // Whether there was something new.
  take() {
    const text = this.around.querySelector(this.box)?.textContent;
    if (!text || text === this.text || !this.send) return false;
    this.text = text;
    this.data = JSON.parse(text);
    this.viewer.update(this.data, this.send);
    return true;
  }
}

// Has the page run again where it was drawn for another ground than it stands on: the user, or the system at dusk, changed the theme.
//
// Streamlit's front end recolours its own elements at once. Charts, figures and formulas have the colours that the run gave them, and Streamlit
// does not ask for another run where the change meets the first one.
//
// And where the connection was lost and is back: the server may be another one, which knows nothing of the session. Streamlit leaves the page as it
// was, and the first thing that the user changes would be lost in the run that makes the new session from the address.

/** @type {boolean | null} */
let asked = null;

/** @param {{ data: { dark: boolean }, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function ({ data, setTriggerValue }) {
  const app = document.querySelector("[data-testid=stApp]");
  if (!app) return undefined;
  const look = () => {
    const dark = getComputedStyle(app).colorScheme === "dark";
    if (dark === data.dark) asked = null;
    else if (asked !== dark) {
      asked = dark;
      setTriggerValue("theme", dark ? "dark" : "light");
    }
  };
  let lost = false;
  const listen = () => {
    const connected = app.getAttribute("data-test-connection-state") === "CONNECTED";
    if (connected && lost) setTriggerValue("connection", "back");
    lost = !connected;
  };
  const changes = new MutationObserver(look); // the theme is one of the element's classes
  changes.observe(app, { attributeFilter: ["class"] });
  const connections = new MutationObserver(listen);
  connections.observe(app, { attributeFilter: ["data-test-connection-state"] });
  look();
  return () => [changes, connections].forEach((observer) => observer.disconnect());
}

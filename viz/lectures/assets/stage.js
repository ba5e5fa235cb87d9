// The stage of a lecture: keys that turn its pages, and type that fits the window. Nothing is drawn here.

import { fitStep } from "./fit.js";
import { actionOf } from "./keys.js";
import { Presses } from "./presses.js";

/** @typedef {{ present: boolean, covered: boolean, turns: boolean, size: string, pressed: number, lecture: string, step: number, language: string }} StageData */
/** @typedef {{ data: StageData, parentElement: HTMLElement & { stage?: Stage }, setStateValue: (name: string, value: string) => void }} Component */

const TYPING = "input, textarea, select, [contenteditable=true], [role=slider], [role=combobox], [role=listbox], [role=radiogroup] *";
const CALM = 80; // milliseconds without a change before type is fitted
const TOLD_AFTER = 100; // milliseconds after the window's last change of size
const LONGEST_GAP = 20_000; // milliseconds between two stages of a page; after that it is another visit

const windowSize = () => `${window.innerWidth}x${window.innerHeight}`;

const NOTES = "lecture-notes"; // the name of the presenter's window

// Of this window: its step, when it was turned there (in milliseconds of the clock), and the step that another window was turned to, until that is shown; 0 for
// none. It outlives the stage, which is mounted anew when what is above it changes. A window that opens shows its own link's step, the presenter's what the
// projector shows.
const together = { step: 0, turned: window.name === NOTES ? 0 : Date.now(), asked: 0 };

// They outlive the stage as well.
const presses = new Presses();

// What the browser does by itself. A window and the full screen can only be opened while a key is being pressed.
/** @type {Record<string, () => void>} */
const LOCAL = {
  run: () => runButtons().forEach((button) => button.click()),
  full: () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  notes: () => openNotes(/** @type {HTMLAnchorElement | null} */ (document.querySelector(".st-key-notes-link a"))?.href),
};

/** The buttons that run the step's experiments and measurements. */
const runButtons = () => /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll(".st-key-lecture [class*=-go] button:not(:disabled)"));

/** @param {string | undefined} address */
const openNotes = (address) => void (address && window.open(address, NOTES, "popup,width=1000,height=720"));

class Stage {
  leave = () => {};

  /** @param {Component} component */
  enter({ data, setStateValue }) {
    this.leave();
    hearAgain(data, setStateValue);
    const { documentElement } = document;
    const keydown = (/** @type {KeyboardEvent} */ event) => {
      hear(event, data);
      send(setStateValue);
    };
    // What has come to rest says so, and in which window: for printing, screenshots and tests.
    const fit = () => {
      fitStep(data.present);
      documentElement.dataset.lecture = data.present && windowSize() !== data.size ? "" : windowSize();
    };
    // A presentation is drawn for its window; otherwise it is enough to know that somebody looks at the page.
    const tell = () => {
      if (data.present ? windowSize() !== data.size : !data.size) setStateValue("size", windowSize());
    };
    let [fitting, telling] = [0, 0];
    const fitLater = () => {
      documentElement.dataset.lecture = "";
      clearTimeout(fitting);
      fitting = window.setTimeout(fit, CALM);
    };
    const resized = () => {
      fitLater();
      clearTimeout(telling);
      telling = window.setTimeout(tell, TOLD_AFTER);
    };
    const unwatch = watchContent(fitLater);
    const clicked = (/** @type {MouseEvent} */ event) => {
      const link = event.target instanceof Element ? /** @type {HTMLAnchorElement | null} */ (event.target.closest(".st-key-notes-link a")) : null;
      if (!link) return;
      event.preventDefault();
      openNotes(link.href);
    };
    const unfollow = this.follow(data, setStateValue);
    document.addEventListener("click", clicked);
    document.addEventListener("keydown", keydown);
    window.addEventListener("resize", resized);
    resized();
    this.leave = () => {
      document.removeEventListener("click", clicked);
      document.removeEventListener("keydown", keydown);
      hearMeanwhile(data);
      window.removeEventListener("resize", resized);
      unwatch();
      unfollow();
      clearTimeout(fitting);
      clearTimeout(telling);
      documentElement.style.removeProperty("--lecture-scale");
      delete documentElement.dataset.lecture;
    };
    return this.leave;
  }

  /**
   * The projector's window and the presenter's show the same step, the one turned to last. A message to a window that is just being mounted is lost: so each
   * says where it is when it is mounted, and one that was turned later answers.
   * @param {StageData} data
   * @param {Component["setStateValue"]} setStateValue
   */
  follow({ lecture, step }, setStateValue) {
    const channel = new BroadcastChannel("lecture");
    const opened = !together.step && window.name !== NOTES;
    if (together.asked === step) together.asked = 0;
    else if (!together.asked && together.step && together.step !== step) together.turned = Date.now();
    if (!together.asked) together.step = step;
    const tell = () => channel.postMessage({ lecture, step: together.asked || step, turned: together.turned });
    channel.onmessage = ({ data: told }) => {
      if (told.lecture !== lecture || told.turned === together.turned) return;
      if (told.turned < together.turned) return tell();
      together.turned = told.turned;
      if (told.step === (together.asked || step)) return;
      together.asked = told.step;
      presses.press(`step-${told.step}`);
      send(setStateValue);
    };
    if (!opened) tell();
    return () => channel.close();
  }
}

/**
 * @param {KeyboardEvent} event
 * @param {StageData} data
 */
function hear(event, { turns, present, covered }) {
  if (!turns || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  const action = actionOf(event.key, present, covered);
  if (!action) return;
  event.preventDefault();
  const local = LOCAL[action];
  if (local) return local();
  together.asked = 0;
  presses.press(action);
}

/**
 * A state and not a trigger: a key pressed while the page runs must not be lost.
 * @param {Component["setStateValue"]} setStateValue
 */
function send(setStateValue) {
  const message = presses.message();
  if (message) setStateValue("go", message);
}

// A step with other parts above the stage mounts it anew: keys pressed between the two wait for the second.
const gap = { since: 0, end: () => {} };

/** @param {StageData} data */
function hearMeanwhile(data) {
  const keydown = (/** @type {KeyboardEvent} */ event) => (document.querySelector(".st-key-lecture") ? hear(event, data) : gap.end());
  gap.since = performance.now();
  gap.end = () => document.removeEventListener("keydown", keydown);
  document.addEventListener("keydown", keydown);
}

/**
 * @param {StageData} data
 * @param {Component["setStateValue"]} setStateValue
 */
function hearAgain({ pressed }, setStateValue) {
  gap.end();
  presses.heard(pressed);
  if (performance.now() - gap.since > LONGEST_GAP) presses.forget();
  else send(setStateValue);
}

/**
 * Call `changed` when the page's content changes; pictures and typefaces that arrive late change sizes without changing the document.
 * @param {() => void} changed
 */
function watchContent(changed) {
  const mutations = new MutationObserver(changed);
  const sizes = new ResizeObserver(changed);
  const main = document.querySelector("[data-testid=stMain]");
  const step = document.querySelector(".st-key-lecture");
  if (main) mutations.observe(main, { childList: true, subtree: true });
  if (step) sizes.observe(step);
  return () => {
    mutations.disconnect();
    sizes.disconnect();
  };
}

/** @param {Component} component */
export default function (component) {
  const { parentElement } = component;
  parentElement.stage ??= new Stage();
  return parentElement.stage.enter(component);
}

// Keys pressed: numbered, and kept until the server has said that it heard them. Keys pressed faster than the page runs reach it as one message with all of them.

const MOST = 50; // actions in a message

export class Presses {
  number = 0; // of the last key
  told = 0; // number of the last key that was sent
  /** @type {string[]} those that the server has not yet said to have heard, the newest last */
  unheard = [];

  /**
   * The server has heard every key up to this number.
   * @param {number} number
   */
  heard(number) {
    const left = Math.max(this.number - number, 0);
    this.unheard = left ? this.unheard.slice(-left) : [];
    this.number = Math.max(this.number, number);
    this.told = Math.max(this.told, number);
  }

  /** @param {string} action */
  press(action) {
    this.number += 1;
    this.unheard = [...this.unheard, action].slice(-MOST);
  }

  /** Forget what was pressed and never sent. */
  forget() {
    const unsent = this.number - this.told;
    if (unsent) this.unheard = this.unheard.slice(0, -unsent);
    this.number = this.told;
  }

  /** What the server has to be told: the last key's number and the keys that it may not have heard. "" where it has been told all. */
  message() {
    if (this.told === this.number) return "";
    this.told = this.number;
    return `${this.number}:${this.unheard.join(" ")}`;
  }
}

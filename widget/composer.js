// Where the citizen types.

import { button, h, icon } from './dom.js';
import { masked, warningOf } from './privacy.js';

const LONGEST = 500; // characters
const DRAFT = 'idcard-chat draft';

export class Composer {
  /** tab: where a draft waits for a page that is loaded anew. */
  constructor(send, tab) {
    Object.assign(this, { send, tab, draft: tab.read(DRAFT) || '' });
  }

  build(say) {
    this.say = say;
    this.warning = h('div', { class: 'warning', role: 'status' });
    this.field = h('textarea', { id: 'words', rows: 1, maxlength: LONGEST, placeholder: say('placeholder'), autocomplete: 'off', enterkeyhint: 'send',
      'aria-label': say('placeholder'), oninput: () => this.typed(), onkeydown: (event) => this.onKey(event) });
    this.element = h('div', { class: 'composer' }, this.warning, h('div', { class: 'write' }, this.field,
      button('', () => this.submit(), { class: 'send', 'aria-label': say('send') }, icon('send'))));
    this.fill(this.draft);
    return this.element;
  }

  focus() {
    this.field.focus();
  }

  fill(text) {
    this.field.value = text;
    this.typed();
  }

  typed() {
    this.draft = this.field.value;
    this.field.style.setProperty('height', 'auto');
    if (this.draft) this.field.style.setProperty('height', `${this.field.scrollHeight + 4}px`);
    if (this.draft) this.tab.write(DRAFT, masked(this.draft));
    else this.tab.remove(DRAFT);
    const warning = warningOf(this.draft);
    const words = warning ? this.say(warning) : '';
    if (this.warning.textContent !== words) this.warning.replaceChildren(...(words ? [icon('warn'), h('span', null, words)] : []));
  }

  onKey(event) {
    // An input method uses Enter to take a word over. Safari ends the composition before this event, but still says 229.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const words = this.draft.trim();
    if (!words) return;
    this.fill('');
    this.send(words);
  }
}

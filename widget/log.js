// The conversation as it is shown: what has been said, what waits, what may be chosen.

import { choices, isKept, isQuestion, isRated, messageElement, ownBubble } from './cards.js';
import { button, h, icon, showAndFocus } from './dom.js';
import { answerActions } from './feedback.js';

const RATINGS = ['好评', '差评'];

/** The last message, but for the thanks for a rating: they leave the question before them open. */
const newest = (messages) => messages.filter(({ custom }) => !(custom && RATINGS.includes(custom.topic))).pop();

export class Log {
  /** act: {ask(text), pick(choice), prefill(text), focusInput(), copy(text, button)} */
  constructor({ client, hosts, act }) {
    Object.assign(this, { client, hosts, act, shown: new Map() });
  }

  build(say) {
    this.say = say;
    this.shown.clear();
    this.tailState = '';
    this.items = h('div');
    this.tail = h('div', { class: 'tail' });
    const notice = h('div', { class: 'card notice' }, h('p', { class: 'label' }, icon('shield'), say('noticeTitle')), h('p', null, say('notice')));
    // Only what is new is to be announced, once and without its buttons: the panel's own live region does that.
    this.element = h('div', { class: 'log', role: 'log', tabindex: '0', 'aria-live': 'off', 'aria-label': say('log') },
      notice, this.items, this.tail);
    return this.element;
  }

  /** What the citizen may choose from now: [{title, token}]. */
  get options() {
    return this.client.thinking ? [] : choices(newest(this.client.messages));
  }

  render() {
    const { messages } = this.client;
    if ([...this.shown].some(([seq, item]) => !messages.some((message) => message.seq === seq && message === item.message))) {
      this.shown.clear();
      this.items.replaceChildren();
    }
    messages.forEach((message, at) => {
      if (!this.shown.has(message.seq)) this.shown.set(message.seq, { message, element: this.item(message, messages[at - 1]) });
      const { element } = this.shown.get(message.seq);
      if (this.items.children[at] !== element) this.items.insertBefore(element, this.items.children[at] || null);
    });
    this.renderActions(messages);
    this.renderTail(messages);
  }

  item(message, before) {
    const element = messageElement(message, { say: this.say, hosts: this.hosts, copy: this.act.copy });
    if (message.from === 'user' && isQuestion(before)) {
      element.prepend(button('', () => this.change(element, before), { class: 'round', 'aria-label': this.say('change') }, icon('edit')));
    }
    return h('div', { class: 'item' }, element);
  }

  /** Another answer to a question answered before, said as a correction. */
  change(element, question) {
    const { say } = this;
    const open = element.parentNode.querySelector('.options');
    if (open) open.remove();
    const correct = (title) => this.act.ask(say('changed', title));
    if (!choices(question).length) this.act.prefill(say('changed', ''));
    if (open || !choices(question).length) return;
    const group = h('div', { class: 'options', role: 'group', 'aria-label': say('changeTo') }, h('p', { class: 'hint' }, say('changeTo')),
      choices(question).map(({ title }) => button('', () => { group.remove(); correct(title); this.act.focusInput(); }, { class: 'option', lang: 'zh-Hans' }, title)),
      button(say('cancel'), () => { group.remove(); element.querySelector('button').focus(); }, { class: 'act quiet' }));
    element.after(group);
    showAndFocus(group);
  }

  /** One row of buttons for the answers of a turn, below the last of them. */
  renderActions(messages) {
    let turn = [];
    messages.forEach((message, at) => {
      if (message.from === 'user') turn = [];
      else if (isRated(message)) turn.push(message);
      const { element } = this.shown.get(message.seq);
      const isLast = isRated(message) && !messages.slice(at + 1, this.turnEnd(messages, at)).some(isRated);
      const row = element.querySelector('.actions');
      if (row && !isLast) row.remove();
      if (isLast && !row) {
        element.append(answerActions(turn.slice(), { say: this.say, copy: this.act.copy, kept: turn.some(isKept),
          rate: (...rating) => this.client.feedback(...rating) }));
      }
    });
  }

  turnEnd(messages, at) {
    const next = messages.findIndex((message, index) => index > at && message.from === 'user');
    return next < 0 ? messages.length : next;
  }

  renderTail(messages) {
    const { client, say } = this;
    const { waiting, thinking, offline, receipt, expired } = client;
    const last = newest(messages);
    const state = JSON.stringify({ last: last ? last.seq : 0, waiting: waiting.map((one) => one.id).join(), thinking, offline, expired, receipt });
    if (state === this.tailState) return;
    this.tailState = state;
    const parts = waiting.map((entry) => ownBubble(say, entry.text, offline ? say('waiting') : ''));
    if (expired) parts.unshift(h('p', { class: 'hint' }, say('expired')));
    if (receipt) parts.push(this.receiptCard(receipt));
    else if (thinking && !offline) parts.push(h('div', { class: 'from bot' }, h('div', { class: 'thinking' }, say('thinking'), h('i'), h('i'), h('i'))));
    else if (this.options.length) parts.push(this.optionGroup(last));
    else if (isQuestion(last) && !waiting.length) parts.push(this.wayBack());
    this.tail.replaceChildren(...parts);
  }

  receiptCard(receipt) {
    return h('div', { class: 'card notice receipt' }, 
      receipt.ids.length > 0 && h('p', null, this.say('erased', receipt.ids.join(' '))),
      receipt.unknown ? h('p', null, this.say('erasedUnknown')) : !receipt.ids.length && h('p', null, this.say('erasedNothing')),
      button(this.say('again'), () => { this.client.start(); this.act.focusInput(); }, { class: 'act strong' }));
  }

  optionGroup(message) {
    const { say } = this;
    return h('div', { class: 'options', role: 'group', 'aria-label': say('choose') }, h('p', { class: 'hint' }, say('choose')),
      this.options.map((option, at) => button('', (event) => this.picked(event, () => this.act.pick(option)), { class: 'option', lang: 'zh-Hans' },
        h('span', { class: 'number' }, `${at + 1}`), h('span', null, option.title))),
      isQuestion(message) && this.wayBack());
  }

  wayBack() {
    return h('div', { class: 'row' }, ['stepBack', 'cancel'].map((name) =>
      button(this.say(name), (event) => this.picked(event, () => this.act.ask(name === 'cancel' ? '取消' : '上一步')), { class: 'act quiet' })));
  }

  /** The button is about to go; from the keyboard the focus goes to the input, where a number can be typed at once. */
  picked(event, action) {
    if (event.detail === 0) this.act.focusInput();
    else this.element.focus();
    action();
  }

  /** On to what is below the edge. */
  page() {
    this.element.focus({ preventScroll: true });
    this.element.scrollBy(0, this.element.clientHeight * 0.8);
  }

  scrollToEnd() {
    this.scrollTo(this.tail, 'end');
  }

  /** The beginning of what is new, however long it is: the citizen's last message, at first the notice. */
  scrollToNew(fresh) {
    const own = this.client.messages.filter((message) => message.from === 'user' && message.seq < fresh[0].seq).pop();
    this.scrollTo(own ? this.shown.get(own.seq).element : this.element.firstChild, 'start');
  }

  scrollTo(element, edge) {
    const scroller = [this.element, this.element.parentNode].find((one) => one && one.scrollHeight > one.clientHeight + 1);
    if (!scroller) return;
    const [inner, outer] = [element.getBoundingClientRect(), scroller.getBoundingClientRect()];
    scroller.scrollTop += edge === 'start' ? inner.top - outer.top - 8 : inner.bottom - outer.bottom + 8;
  }
}

// The launcher and the panel: what is where, what has the focus, what a screen reader is told.

import { choices } from './cards.js';
import { Composer } from './composer.js';
import { button, h, icon, linked } from './dom.js';
import { Log } from './log.js';
import { copy } from './paper.js';
import { masked } from './privacy.js';
import { settingsPage } from './settings.js';
import { canSpeak, silence, speak, watchVoices } from './speech.js';
import { open as openStorage } from './storage.js';
import { speaker } from './texts.js';

const FULL_SCREEN = '(max-width: 520px), (max-height: 480px)'; // as in style.css
const TELL_THINKING = 1500; // milliseconds; a quicker answer speaks for itself
const BELOW = 40; // pixels of the conversation below the edge that are worth a word
const MOST_TOLD = 8; // announcements that stay in the live region
const WAS_OPEN = 'idcard-chat open';

export class View {
  /** root: the shadow root; position: 'left' or 'right'; hosts: where links may lead beside tel:. */
  constructor(root, { client, settings, position, hosts }) {
    Object.assign(this, { root, client, settings, hosts, isOpen: false });
    this.position = position === 'left' ? 'left' : 'right';
    this.tab = openStorage('sessionStorage');
    this.fullScreen = matchMedia(FULL_SCREEN);
    this.composer = new Composer((text) => this.submit(text), this.tab);
    this.log = new Log({ client, hosts, act: { ask: (text) => this.ask(text), pick: (choice) => this.ask(choice.title, choice),
      prefill: (text) => { this.composer.fill(text); this.composer.focus(); }, focusInput: () => this.composer.focus(),
      copy: (text, from) => this.copy(text, from) } });
    this.build();
    this.listen();
    if (this.tab.read(WAS_OPEN)) this.open(false); // it was open before the reload
  }

  listen() {
    // Keys typed here are not shortcuts of the host page.
    for (const type of ['keydown', 'keyup', 'keypress']) this.root.addEventListener(type, (event) => event.stopPropagation());
    this.fullScreen.addEventListener('change', () => this.isOpen && this.show());
    document.addEventListener('visibilitychange', () => !document.hidden && this.client.wake());
    if (window.visualViewport) visualViewport.addEventListener('resize', () => this.fitKeyboard());
    watchVoices(() => this.restyle());
  }

  build() {
    const say = this.say = speaker(this.settings.language);
    const tool = (name, onclick, glyph) => button('', onclick, { class: `tool ${name}` }, glyph && icon(glyph), h('span', null, say(name)));
    const round = (name, onclick) => button('', onclick, { class: 'round', 'aria-label': say(name) }, icon(name));
    this.launcher = button('', () => this.open(), { class: 'launcher', 'aria-haspopup': 'dialog' }, icon('card'), h('span', null, say('launch')));
    this.title = h('h2', { id: 'title', tabindex: '-1' }, say('title'));
    this.elderTool = tool('elder', () => this.settings.set('elder', !this.settings.elder));
    this.readTool = tool('readNew', () => { silence(); this.settings.set('readAloud', !this.settings.readAloud); }, 'speak');
    this.settingsTool = round('settings', () => this.turnTo(!this.settingsShown));
    this.banner = h('div', { class: 'banner', role: 'status' });
    this.page = h('div', { class: 'page', hidden: true });
    // For those who do not think of scrolling; from the keyboard the conversation scrolls by itself.
    this.more = button(say('more'), () => { this.log.page(); }, { class: 'more', tabindex: '-1', hidden: true });
    this.announcer = h('div', { class: 'unseen', 'aria-live': 'polite' });
    this.panel = h('dialog', { class: 'panel', 'aria-labelledby': 'title', onkeydown: (event) => this.onKey(event),
      oncancel: (event) => event.preventDefault() },
    h('header', null, h('span', { class: 'badge' }, icon('card')), h('div', { class: 'names' }, this.title, h('p', null, say('subtitle'))),
      this.settingsTool, round('close', () => this.close())),
    h('div', { class: 'tools' }, this.elderTool, this.readTool, tool('human', () => this.ask('转人工'), 'phone')),
    this.banner, this.log.build(say), this.page, h('div', { class: 'edge' }, this.more), this.composer.build(say), this.announcer);
    this.log.element.addEventListener('scroll', () => this.lookBelow());
    const frame = h('div', { class: `frame ${this.position}`, lang: this.settings.language }, this.launcher, this.panel);
    if (this.frame) this.frame.replaceWith(frame);
    else this.root.append(frame);
    this.frame = frame;
    this.language = this.settings.language;
    this.settingsShown = false;
    this.restyle();
  }

  /** Puts the settings into effect. Another language changes every word, so everything is made anew. */
  restyle() {
    if (this.language !== this.settings.language) {
      const { settingsShown } = this;
      this.build();
      if (this.isOpen) this.show();
      if (settingsShown) this.turnTo(true);
      if (settingsShown) this.page.querySelector('[name=language]:checked').focus();
      return;
    }
    const { element } = this.log;
    const place = element.scrollTop / element.scrollHeight;
    Object.assign(this.frame.dataset, { theme: this.settings.colours, size: this.settings.size, elder: this.settings.elder });
    element.scrollTop = place * element.scrollHeight; // larger type moves everything
    this.elderTool.setAttribute('aria-pressed', this.settings.elder);
    this.readTool.setAttribute('aria-pressed', this.settings.readAloud);
    this.readTool.hidden = !canSpeak();
    this.render();
  }

  // ---- open and close -------------------------------------------------------------------------------------

  open(focus = true) {
    if (!this.isOpen) {
      this.isOpen = true;
      this.tab.write(WAS_OPEN, 'yes');
      this.show();
      if (!this.client.started && !this.client.receipt) this.client.start();
    }
    // On a touch screen the keyboard would come up and hide the notice.
    if (focus && matchMedia('(pointer: coarse)').matches) this.title.focus();
    else if (focus) this.composer.focus();
    else if (this.root.activeElement) this.root.activeElement.blur();
  }

  /** Small screens: a modal dialog, so that nothing behind it takes the focus. Others: beside the page. */
  show() {
    const focused = this.root.activeElement;
    this.launcher.hidden = true;
    this.panel.close();
    if (this.fullScreen.matches) this.panel.showModal();
    else this.panel.show();
    if (focused) focused.focus();
    this.composer.typed(); // only what is shown has a height
    this.log.scrollToEnd();
    this.lookBelow();
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.tab.remove(WAS_OPEN);
    silence();
    this.panel.close();
    this.launcher.hidden = false;
    this.launcher.focus();
  }

  onKey(event) {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    if (this.settingsShown) this.turnTo(false);
    else this.close();
  }

  /** To the settings and back. */
  turnTo(settings) {
    this.settingsShown = settings;
    this.settingsTool.setAttribute('aria-expanded', settings);
    this.page.hidden = !settings;
    this.log.element.hidden = settings;
    this.composer.element.hidden = settings;
    this.lookBelow();
    if (!settings) {
      this.settingsTool.focus();
      this.log.scrollToEnd();
      return;
    }
    this.page.replaceChildren(settingsPage(this.settings, this.say, {
      back: () => this.turnTo(false),
      restart: () => this.ask('重新开始'),
      erase: (failure) => this.client.erase().then(() => { this.composer.fill(''); this.turnTo(false); }, () => { failure.textContent = this.say('failed'); }),
    }));
    this.page.querySelector('button').focus();
  }

  /** An on-screen keyboard takes its height from the panel, so that the input stays in sight. */
  fitKeyboard() {
    if (visualViewport.scale > 1.01) return; // magnified, which is no keyboard
    this.frame.style.setProperty('--visible', `${visualViewport.height}px`);
    this.frame.style.setProperty('--above', `${visualViewport.offsetTop}px`);
  }

  // ---- what the citizen does ------------------------------------------------------------------------------

  /** What was typed; the number of a choice stands for the choice. */
  submit(text) {
    const typed = text.normalize('NFKC');
    const choice = /^[0-9]{1,2}$/.test(typed) ? this.log.options[Number(typed) - 1] : undefined;
    this.ask(choice ? choice.title : text, choice);
  }

  /** choice: the button that says it, if it is one. */
  ask(text, choice) {
    if (!text.trim()) return;
    if (this.settingsShown) this.turnTo(false);
    silence();
    this.client.send(choice ? text : masked(text.trim()), choice);
    this.log.scrollToEnd();
    setTimeout(() => this.client.thinking && !this.client.offline && this.tell(this.say('thinking')), TELL_THINKING);
  }

  async copy(text, from) {
    const said = this.say(await copy(text, this.panel) ? 'copied' : 'notCopied');
    from.lastChild.textContent = said;
    this.tell(said);
  }

  // ---- what is shown and said -----------------------------------------------------------------------------

  update(fresh) {
    const { refused } = this.client;
    if (refused && refused.text && refused !== this.returned && !this.composer.draft) this.composer.fill(refused.text);
    this.returned = refused;
    this.render();
    if (!fresh.length) return;
    this.log.scrollToNew(fresh);
    fresh.forEach((message) => this.announce(message));
    if (this.settings.readAloud && this.isOpen) speak(fresh.map((message) => message.text).join('\n'));
  }

  lookBelow() {
    const { scrollHeight, scrollTop, clientHeight } = this.log.element;
    this.more.hidden = scrollHeight - scrollTop - clientHeight < BELOW;
  }

  render() {
    this.log.render();
    this.lookBelow();
    const { client, say } = this;
    const { text, message } = client.refused || {};
    const words = client.offline ? client.trouble || say('offline') : (text ? say('refused') : '') + (message || '');
    if (this.banner.textContent === words) return;
    this.banner.replaceChildren(...(words ? [icon('warn'), h('span', null, linked(words, this.hosts))] : []));
  }

  announce(message) {
    const titles = choices(message).map(({ title }, at) => `${at + 1}，${title}`).join('；');
    this.tell([String(message.text), titles && this.say('choices', titles)].filter(Boolean).join('\n'));
  }

  /** To the screen reader. */
  tell(words) {
    this.announcer.append(h('p', null, words));
    while (this.announcer.children.length > MOST_TOLD) this.announcer.firstChild.remove();
  }
}

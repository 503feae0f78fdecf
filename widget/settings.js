// How the widget looks and reads to this person: kept in the browser, in step across tabs, never sent anywhere.

import { button, h, icon, showAndFocus } from './dom.js';
import { open, recall } from './storage.js';
import { LANGUAGES, nearest } from './texts.js';

const KEY = 'idcard-chat settings';
const THEMES = ['auto', 'light', 'dark', 'contrast'];
const SIZES = 4;

export class Settings {
  /** data: the element's data attributes, which hold until the citizen chooses otherwise. */
  constructor(data, changed) {
    this.store = open('localStorage');
    this.changed = changed;
    this.given = { theme: THEMES.includes(data.theme) ? data.theme : 'auto', language: nearest(data.lang || 'zh-CN'), size: 0, elder: false, readAloud: false };
    this.queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) => matchMedia(query));
    this.queries.forEach((query) => query.addEventListener && query.addEventListener('change', changed));
    window.addEventListener('storage', (event) => {
      if (event.key !== KEY) return;
      this.read();
      changed();
    });
    this.read();
  }

  read() {
    const kept = recall(this.store, KEY, {});
    this.size = Number.isInteger(kept.size) && kept.size >= 0 && kept.size < SIZES ? kept.size : this.given.size;
    this.theme = THEMES.includes(kept.theme) ? kept.theme : this.given.theme;
    this.language = LANGUAGES.some(([tag]) => tag === kept.language) ? kept.language : this.given.language;
    this.elder = kept.elder === true;
    this.readAloud = kept.readAloud === true;
  }

  set(name, value) {
    this[name] = value;
    const { size, theme, language, elder, readAloud } = this;
    this.store.write(KEY, JSON.stringify({ size, theme, language, elder, readAloud }));
    this.changed();
  }

  /** light, dark or contrast */
  get colours() {
    if (this.theme !== 'auto') return this.theme;
    const [dark, contrast] = this.queries.map((query) => query.matches);
    return contrast ? 'contrast' : dark ? 'dark' : 'light';
  }
}

/** One row of radio buttons. */
function choice(legend, name, labels, chosen, pick) {
  return h('fieldset', null, h('legend', null, legend), h('div', { class: 'row' }, labels.map((label, at) =>
    h('label', { class: 'pick' }, h('input', { type: 'radio', name, checked: at === chosen, onchange: () => pick(at) }), label))));
}

/** The page of settings, in place of the conversation. `act` holds what its buttons do. */
export function settingsPage(settings, say, act) {
  const sure = h('div', { class: 'card', hidden: true },
    h('p', null, say('eraseSure')), h('p', { class: 'failure', role: 'alert' }),
    h('div', { class: 'row' }, button(say('eraseYes'), () => act.erase(sure.querySelector('.failure')), { class: 'act strong' }),
      button(say('cancel'), () => { sure.hidden = true; erase.focus(); }, { class: 'act' })));
  const erase = button(say('erase'), () => {
    sure.hidden = false;
    showAndFocus(sure);
  }, { class: 'act erase' });
  return h('div', { class: 'settings', role: 'group', 'aria-label': say('settings') },
    button('', act.back, { class: 'act' }, icon('back'), say('back')),
    choice(say('size'), 'size', say('sizes'), settings.size, (at) => settings.set('size', at)),
    choice(say('theme'), 'theme', say('themes'), THEMES.indexOf(settings.theme), (at) => settings.set('theme', THEMES[at])),
    choice(say('language'), 'language', LANGUAGES.map(([tag, name]) => h('span', { lang: tag }, name)),
      LANGUAGES.findIndex(([tag]) => tag === settings.language), (at) => settings.set('language', LANGUAGES[at][0])),
    h('fieldset', null, h('legend', null, say('myData')),
      h('div', { class: 'row' }, button(say('restart'), act.restart, { class: 'act' }), erase), sure));
}

// One message as elements: its text, and what its structured twin adds (design §4). The twin may hold what a citizen has
// typed, so every value is checked for its type and becomes text.

import { button, h, icon, linked, tel } from './dom.js';

const SOURCE = /^依据：/;
const NUMBERED = /^[0-9]+[.、]\s*/;
const STEP = /（第[0-9]+步[^）]*）$/; // the twin says it too
const LABELLED = /^([^：，。]{2,6})：(.+)$/;
const RATED = ['answer', 'decision', 'checklist', 'stations'];
const KEPT = ['decision', 'checklist'];

function text(value) {
  return typeof value === 'string' ? value : '';
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

export function twin(message) {
  return message && message.custom && typeof message.custom === 'object' ? message.custom : {};
}

export function isQuestion(message) {
  return Boolean(message && message.from === 'bot' && twin(message).kind === 'question');
}

/** [{title, token}] of what may be chosen. */
export function choices(message) {
  return message && message.from === 'bot' ? list(message.buttons).filter((one) => one && text(one.title)) : [];
}

export function isRated(message) {
  return message.from === 'bot' && RATED.includes(twin(message).kind);
}

export function isKept(message) {
  return KEPT.includes(twin(message).kind);
}

export function messageElement(message, { say, hosts, copy }) {
  if (message.from === 'user') return ownBubble(say, text(message.text));
  const custom = twin(message);
  const stations = custom.kind === 'stations' ? list(custom.stations).filter((one) => one && text(one.name)) : [];
  const lines = text(message.text).split('\n').filter((line) => line.trim()).map((line) => (custom.step ? line.replace(STEP, '') : line));
  const card = h('div', { class: `card ${RATED.includes(custom.kind) || isQuestion(message) ? custom.kind : 'plain'}`, lang: 'zh-Hans' },
    h('span', { class: 'unseen' }, `${say('bot')}：`));
  if (custom.kind === 'decision') card.append(h('p', { class: 'label' }, icon('shield'), say('result')));
  card.append(...stepLine(custom, say), ...lineElements(stations.length ? lines.filter((line) => !NUMBERED.test(line)) : lines, hosts));
  if (stations.length) card.querySelector('p').after(h('ol', { class: 'stations' }, stations.map((one) => stationCard(one, say, copy))));
  return h('div', { class: 'from bot' }, card);
}

/** hint: what is said below of a message that waits; undefined for one that has arrived. */
export function ownBubble(say, words, hint) {
  return h('div', { class: `from me${hint === undefined ? '' : ' waiting'}` },
    h('div', { class: 'bubble', lang: 'zh-Hans' }, h('span', { class: 'unseen' }, `${say('me')}：`), words,
      hint && h('span', { class: 'hint' }, hint)));
}

/** 第2步，大约还有2步, with a bar that shows the same. */
function stepLine(custom, say) {
  const step = custom.step && typeof custom.step === 'object' ? custom.step : {};
  if (!Number.isInteger(step.number)) return [];
  const left = Number.isInteger(step.left) ? step.left : 0;
  const words = say('step', step.number) + (left ? ` · ${say('stepsLeft', left)}` : '');
  const dots = Array.from({ length: Math.min(step.number + left, 12) }, (_, at) =>
    h('i', { class: at < step.number ? 'done' : '' }));
  return [h('p', { class: 'step' }, h('span', { class: 'dots', 'aria-hidden': 'true' }, dots), words)];
}

/** Lines as paragraphs, numbered ones as a list, 依据：… as the source. */
function lineElements(lines, hosts) {
  const elements = [];
  for (const line of lines) {
    const last = elements[elements.length - 1];
    if (SOURCE.test(line)) elements.push(h('p', { class: 'source' }, icon('source'), h('span', null, linked(line, hosts))));
    else if (NUMBERED.test(line)) {
      const item = h('li', null, linked(line.replace(NUMBERED, ''), hosts));
      if (last && last.tagName === 'OL') last.append(item);
      else elements.push(h('ol', null, item));
    } else {
      const labelled = LABELLED.exec(line);
      elements.push(labelled ? h('p', null, h('b', null, `${labelled[1]}：`), linked(labelled[2], hosts)) : h('p', null, linked(line, hosts)));
    }
  }
  return elements;
}

function stationCard(station, say, copy) {
  const name = text(station.name);
  const bureau = text(station.bureau);
  const address = text(station.address);
  const phone = text(station.phone);
  const link = tel(station.tel);
  return h('li', { class: 'station' },
    h('b', null, name), bureau && !name.startsWith(bureau) && h('span', { class: 'tag' }, bureau),
    station.reason && h('span', { class: 'hint' }, text(station.reason)),
    h('span', { class: 'address' }, address),
    h('span', { class: 'row' },
      link ? h('a', { class: 'act', href: link }, icon('phone'), h('span', null, say('call'), h('span', { class: 'whole' }, phone))) : phone,
      address && button('', (event) => copy(`${name} ${address} ${phone}`.trim(), event.currentTarget),
        { class: 'act', 'aria-label': `${say('copyAddress')}：${name}` }, icon('copy'), say('copyAddress'))));
}

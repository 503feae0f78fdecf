// Below the answer of a turn: useful or not and why; read aloud, copy, print, download.

import { button, h, icon, showAndFocus } from './dom.js';
import { masked, warningOf } from './privacy.js';
import { canSpeak, speak } from './speech.js';
import { download, print } from './paper.js';
import { twin } from './cards.js';

/** turn: the bot messages of one turn that belong together; the last of them is the one that is rated. */
export function answerActions(turn, { say, rate, copy, kept }) {
  const words = turn.map((message) => message.text).join('\n\n');
  const last = turn[turn.length - 1];
  const day = String(twin(last).as_of || last.at || '').slice(0, 10);
  const paper = '身份证办理清单';
  const act = (name, onclick, extra) => button('', onclick, { class: `act quiet ${extra || ''}` }, icon(name), say(name));
  const more = h('div', { class: 'reasons', hidden: true });
  const row = h('div', { class: 'row' },
    act('good', () => submit('好评')), act('bad', () => askWhy()),
    canSpeak() && act('speak', () => speak(words), 'always'),
    act('copy', (event) => copy(words, event.currentTarget)),
    kept && act('print', () => print(paper, words), 'always'), kept && act('download', () => download(paper, day, words)));
  const status = h('p', { class: 'hint', role: 'status' });
  const group = h('div', { class: 'actions', role: 'group', 'aria-label': say('actions') }, row, more, status);

  async function submit(rating, reason) {
    try {
      await rate(last.seq, rating, reason);
      row.querySelectorAll('button').forEach((one, at) => at < 2 && one.remove());
      more.remove();
      status.textContent = say('rated');
      status.tabIndex = -1;
      status.focus();
    } catch (notSent) {
      status.textContent = say('failed');
    }
  }

  function askWhy() {
    more.hidden = false;
    const other = h('input', { type: 'text', maxlength: 200, oninput: () => { status.textContent = warningOf(other.value) && say(warningOf(other.value)); },
      'aria-label': say('otherReason'), placeholder: say('otherReason') });
    const reasons = say('reasons').map((reason) => h('label', { class: 'pick' },
      h('input', { type: 'checkbox', value: reason }), reason));
    const chosen = () => [...more.querySelectorAll('input:checked'), other].map((input) => input.value.trim()).filter(Boolean).join('；');
    more.replaceChildren(h('fieldset', null, h('legend', null, say('whyBad')), reasons, other,
      h('div', { class: 'row' }, button(say('submit'), () => submit('差评', masked(chosen())), { class: 'act strong' }),
        button(say('cancel'), () => { more.hidden = true; row.querySelectorAll('button')[1].focus(); }, { class: 'act' }))));
    showAndFocus(more);
  }
  return group;
}

// An answer on paper, in the clipboard, in a file. All of it happens on this device.

import { h } from './dom.js';
import { adopt } from './style.js';

const SHEET = 'body { font: 14pt/1.6 sans-serif; margin: 2cm } h1 { font-size: 18pt } p { white-space: pre-wrap }';

/** Prints only this text: in a frame of its own, so that the host page stays as it is. */
export function print(title, text) {
  const frame = h('iframe', { title, 'aria-hidden': 'true', tabindex: '-1' });
  for (const [name, value] of [['position', 'fixed'], ['width', '0'], ['height', '0'], ['border', '0']]) {
    frame.style.setProperty(name, value, 'important');
  }
  document.body.append(frame);
  const page = frame.contentWindow;
  page.document.title = title;
  page.document.body.append(h('h1', null, title), h('p', null, text));
  adopt(page.document, SHEET);
  page.addEventListener('afterprint', () => setTimeout(() => frame.remove()));
  page.focus();
  page.print();
}

/** A file 身份证办理清单-2026-11-21.txt; the mark in front lets Windows know it is UTF-8. */
export function download(title, day, text) {
  const address = URL.createObjectURL(new Blob([`\ufeff${title}\n\n${text}\n`], { type: 'text/plain' }));
  h('a', { href: address, download: `${title}-${day}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** Whether it worked. Without https browsers allow only the old way. */
export async function copy(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (notAllowed) {
    const field = h('textarea', { readonly: true, class: 'unseen', 'aria-hidden': 'true' });
    field.value = text;
    root.append(field);
    const focused = root.activeElement;
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    if (focused) focused.focus();
    return done;
  }
}

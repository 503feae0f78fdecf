// Makes elements. Text only ever becomes a text node; there is no way in here for markup.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * h('button', {class: 'send', onclick: f}, 'text', node, null) -> HTMLElement. Functions become listeners; true and
 * false set or leave out an attribute; all else becomes an attribute's text.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function button(label, onclick, props, ...children) {
  return h('button', { type: 'button', onclick, ...props }, ...(children.length ? children : [label]));
}

/** Something that has just opened: seen whole, and its first control has the focus. */
export function showAndFocus(element) {
  element.scrollIntoView({ block: 'nearest' });
  element.querySelector('button, input').focus({ preventScroll: true });
}

// Outlines on a 24 × 24 grid.
const ICONS = {
  card: 'M3 5h18v14H3zM6.5 16c.5-2 1.7-2.8 3-2.8s2.5.8 3 2.8M9.5 8.5a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M15 9.5h3.5M15 13h3.5',
  close: 'M6 6l12 12M18 6L6 18',
  settings: 'M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4M4 12h12M19 12h1M17.5 10v4',
  send: 'M12 20V5M5.5 11.5L12 5l6.5 6.5',
  phone: 'M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A16 16 0 0 1 3 6a3 3 0 0 1 3-3',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  print: 'M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  good: 'M7 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9h5a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.3 20H7zM7 11H3.5v9H7',
  bad: 'M17 13l-4 8a2.5 2.5 0 0 1-2.5-2.5V15h-5a2 2 0 0 1-2-2.3l1.2-7A2 2 0 0 1 6.7 4H17zM17 13h3.5V4H17',
  speak: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  source: 'M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7',
  back: 'M10 6l-6 6 6 6M4 12h16',
  warn: 'M12 4l9 16H3zM12 10v4M12 16.8v.4',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  shield: 'M12 3l7.5 3v5.5c0 5-3.5 8-7.5 9.5-4-1.5-7.5-4.5-7.5-9.5V6zM8.5 12l2.5 2.5 4.5-5',
};

/** An icon beside a text that says the same; hidden from assistive technology. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}

const ADDRESS = /https?:\/\/[^\s<>"'，。；、）】]+/;
const PHONE = /(^|[^0-9-])(0[0-9]{2,3}-[0-9]{7,8}|12345)(?![0-9-])/;
const DIALLED = /^\+?[0-9][0-9,*#-]{2,19}$/;

/** tel:… for what a phone can dial, '' for anything else. */
export function tel(number) {
  return typeof number === 'string' && DIALLED.test(number) ? `tel:${number}` : '';
}

/** Whether a link may lead there: https, on one of the hosts or below it. */
export function mayLink(address, hosts) {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' && !url.username
      && hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  } catch (notAnAddress) {
    return false;
  }
}

/** The text as nodes: phone numbers and allowed addresses are links, everything else is text. */
export function linked(text, hosts) {
  const nodes = [];
  let rest = text;
  for (;;) {
    const address = ADDRESS.exec(rest);
    const phone = PHONE.exec(rest);
    const isPhone = phone && (!address || phone.index < address.index);
    const found = isPhone ? phone[2] : address && address[0];
    if (!found) break;
    const start = isPhone ? phone.index + phone[1].length : address.index;
    nodes.push(rest.slice(0, start));
    if (isPhone) nodes.push(h('a', { href: tel(found) }, found));
    else if (mayLink(found, hosts)) nodes.push(h('a', { href: found, target: '_blank', rel: 'noopener noreferrer' }, found));
    else nodes.push(found);
    rest = rest.slice(start + found.length);
  }
  return [...nodes, rest];
}

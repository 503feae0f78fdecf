// Numbers that nobody needs to type here. They are starred before they leave the device; the server masks once more.

const ID = /(^|[^0-9])([1-9][0-9](?:[ -]?[0-9]){15}[ -]?[0-9xX]|[1-9][0-9]{14})(?![0-9])/g;
const MOBILE = /(^|[^0-9])((?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})(?![0-9])/g;

function plain(text) {
  return text.replace(/[０-９Ｘｘ－＋]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
}

/** The text with ID and mobile numbers starred out; the same text where there are none. */
export function masked(text) {
  const half = plain(text);
  const starred = [ID, MOBILE].reduce((rest, pattern) => rest.replace(pattern, (all, before) =>
    before + '*'.repeat(all.length - before.length)), half);
  return starred === half ? text : starred;
}

/** The key of the warning (texts.js) that the text deserves, '' for none. */
export function warningOf(text) {
  const half = plain(text);
  return ['hasId', 'hasMobile'].find((_, which) => half.search([ID, MOBILE][which]) >= 0) || '';
}

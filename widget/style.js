// Style sheets that need no permission of the host page: constructed ones are not subject to its style-src.

const WAITS = [500, 2000, 8000]; // milliseconds between attempts

/** root: a document or a shadow root. Browsers older than constructed sheets get an element. */
export function adopt(root, css) {
  const page = (root.ownerDocument || root).defaultView;
  if ('adoptedStyleSheets' in root) {
    const sheet = new page.CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } else {
    const element = (root.ownerDocument || root).createElement('style');
    element.textContent = css;
    (root.head || root).append(element);
  }
}

/** The text of a style sheet beside this module. */
export async function load(name) {
  for (const wait of [...WAITS, 0]) {
    try {
      const response = await fetch(new URL(name, import.meta.url), { mode: 'cors', credentials: 'omit' });
      if (response.ok) return await response.text();
    } catch (lineIsDown) {
      if (!wait) throw lineIsDown;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  throw new Error(`idcard-chat: ${name} could not be loaded`);
}

// <idcard-chat>: the assistant on any page, by one line (docs/tasks/embed-the-widget.md):
//   <script type="module" src="https://HOST/widget/idcard-chat.js" data-city="武汉"></script>

import { Client } from './client.js';
import { Settings } from './settings.js';
import { adopt, load } from './style.js';
import { View } from './view.js';

const NAME = 'idcard-chat';
const HERE = import.meta.url;
const STYLE = load('style.css');

/** data-city, data-origin, data-position (left, right), data-theme (auto, light, dark, contrast), data-lang. */
class IdcardChat extends HTMLElement {
  constructor() {
    super();
    this.ready = new Promise((resolve, reject) => Object.assign(this, { built: resolve, failed: reject }));
    this.ready.catch(() => {}); // whoever calls a method is told
  }

  async connectedCallback() {
    if (this.shadowRoot) {
      this.rise();
      return;
    }
    const root = this.attachShadow({ mode: 'open' });
    try {
      adopt(root, await STYLE);
    } catch (notLoaded) {
      this.failed(notLoaded);
      return;
    }
    const server = new URL(this.dataset.origin || HERE, HERE);
    const client = new Client(`${server.origin}/webhooks/web`, this.dataset.city || '', (fresh) => this.view.update(fresh));
    const settings = new Settings(this.dataset, () => this.view.restyle());
    this.view = new View(root, { client, settings, position: this.dataset.position, hosts: [server.hostname, 'gov.cn'] });
    this.rise();
    this.built();
  }

  /** Into the browser's top layer, where no z-index of the page reaches. */
  rise() {
    if (typeof this.showPopover !== 'function' || !this.isConnected) return;
    this.popover = 'manual';
    this.showPopover();
  }

  async open() {
    await this.ready;
    this.view.open();
  }

  async close() {
    await this.ready;
    this.view.close();
  }

  /** Opens and asks, as if the citizen had typed it. */
  async ask(text) {
    await this.ready;
    this.view.open();
    this.view.ask(String(text));
  }
}

if (!customElements.get(NAME)) {
  customElements.define(NAME, IdcardChat);
  const script = [...document.querySelectorAll('script[type=module][src]')].find((one) => one.src === HERE);
  if (script && !document.querySelector(NAME)) {
    const element = document.createElement(NAME);
    Object.assign(element.dataset, script.dataset);
    document.body.append(element);
  }
}

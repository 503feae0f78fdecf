// The conversation without its looks: session, sending queue, retries, replay, other tabs. Speaks docs/web-protocol.md.
//
// Nothing is lost: what the citizen sends waits in the tab's own storage until the server has confirmed it. Nothing is
// doubled: a message keeps its id however often it is sent, and the server takes an id once.

import { open, parse, recall } from './storage.js';

// Milliseconds.
const FIRST_WAIT = 400;
const LONGEST_WAIT = 15000;
const PATIENCE = 20000; // the server apologises after 15 s
const SLOW = 10000; // from here on the citizen is told another way
const ASK_AGAIN = 2000; // while the server is still busy with a reply

const MOST_REPLAYED = 500; // messages of one replay
const MOST_PAST = 400; // sessions that are over; the server deletes the oldest by itself
const FINAL = [400, 403, 404, 409, 413]; // the same again would be refused again

/** The server's answer when it is not the one wanted: {status, code, message, retryAfter}. */
class Refusal extends Error {
  constructor(status, error) {
    super(error.message || '');
    this.status = status;
    this.code = error.code || '';
    this.retryAfter = Number(error.retry_after) || 0;
  }
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Client {
  /** base: URL of /webhooks/web; changed(fresh): called after every change, `fresh` holds the bot messages just heard. */
  constructor(base, city, changed) {
    this.base = base;
    this.city = city;
    this.changed = changed;
    this.local = open('localStorage');
    this.tab = open('sessionStorage');
    this.key = `idcard-chat ${base} ${city}`;
    this.token = this.local.read(this.key);
    const kept = recall(this.tab, `${this.key} outbox`, []);
    this.outbox = Array.isArray(kept) ? kept : []; // [{id, text, button?}], oldest first
    this.refused = null; // {text, message}: what the server will not take; no text for a choice
    this.receipt = null; // of an erasure: {ids, unknown}
    this.erasing = null; // the receipt of an erasure that is not whole yet
    this.expired = false;
    this.started = false;
    this.failures = 0;
    this.slow = false;
    this.trouble = ''; // what the server said of the last failure
    this.forget();
    window.addEventListener('storage', (event) => this.heard(event));
    window.addEventListener('online', () => this.wake());
    window.addEventListener('offline', () => this.changed([]));
  }

  /** Own and bot messages by seq; those of the citizen that wait are in `outbox`. */
  get messages() {
    return [...this.seen.values()].sort((one, other) => one.seq - other.seq);
  }

  get waiting() {
    const confirmed = new Set([...this.seen.values()].map((message) => message.client_msg_id));
    return this.outbox.filter((entry) => !confirmed.has(entry.id));
  }

  get thinking() {
    return this.outbox.length > 0 || this.busy;
  }

  get offline() {
    return navigator.onLine === false || this.failures > 1 || this.slow;
  }

  /** Fetches what has been said before, or begins a conversation. */
  start() {
    this.started = true;
    this.receipt = null;
    this.behind = Boolean(this.token);
    this.work();
  }

  /** button: {title, token} of a message; the text is what is shown until the server has answered. */
  send(text, button) {
    this.refused = null;
    this.expired = false;
    this.queue([...this.outbox, { id: newId(), text, button: button && button.token }]);
    this.changed([]);
    if (this.started) this.work();
    else this.start();
  }

  /** rating: 好评 or 差评. Fails where the server cannot be reached. */
  async feedback(seq, rating, reason) {
    const { token } = this;
    const answer = await this.call('POST', '/feedback', reason ? { seq, rating, reason } : { seq, rating });
    if (token === this.token) this.changed(this.merge(answer.messages)); // else another tab has changed the conversation meanwhile
  }

  /** Tokens of sessions that are over. What was said in them is still kept, and can be erased with these only. */
  get past() {
    const kept = recall(this.local, `${this.key} past`, []);
    return Array.isArray(kept) ? kept : [];
  }

  set past(tokens) {
    if (tokens.length) this.local.write(`${this.key} past`, JSON.stringify(tokens.slice(-MOST_PAST)));
    else this.local.remove(`${this.key} past`);
  }

  /** Erases every conversation of this browser, on the server and here. Fails where the server cannot be reached. */
  async erase() {
    const receipt = this.erasing = this.erasing || { ids: [], unknown: false }; // it may have broken off before
    for (const token of [...this.past, this.token].filter(Boolean)) {
      const answer = await this.call('DELETE', '/session', undefined, token).catch((error) => {
        if (error.status !== 401) throw error;
        receipt.unknown = true; // whose it was, the server cannot tell any more
      });
      if (answer) receipt.ids.push(answer.receipt.id);
      this.past = this.past.filter((other) => other !== token);
    }
    this.local.remove(this.key);
    this.forget();
    this.token = null;
    this.end();
    this.receipt = receipt;
    this.erasing = null;
    this.changed([]);
  }

  forget() {
    this.seen = new Map();
    this.busy = false;
    this.behind = false;
    this.replayed = false; // what a first replay brings has been heard before
  }

  end() {
    this.started = false;
    this.queue([]);
  }

  queue(entries) {
    this.outbox = entries;
    if (entries.length) this.tab.write(`${this.key} outbox`, JSON.stringify(entries));
    else this.tab.remove(`${this.key} outbox`);
  }

  /** Another tab of this site has got messages, or has ended or begun the conversation. */
  heard(event) {
    if (event.key === this.key && event.newValue !== this.token) {
      this.forget();
      this.token = event.newValue;
      this.behind = Boolean(this.token);
      if (!this.token) this.end();
      this.changed([]);
    } else if (event.key === `${this.key} seq`) this.behind = Boolean(this.token);
    if (this.started) this.work();
  }

  /** Cuts a pause short: the line is back, or somebody looks. */
  wake() {
    if (this.started && this.token) this.behind = true;
    if (this.resume) this.resume();
    else if (this.started) this.work();
  }

  async work() {
    if (this.working) return;
    this.working = true;
    while (this.started && (!this.token || this.behind || this.outbox.length)) {
      const entry = this.token && !this.behind ? this.outbox[0] : null;
      try {
        if (entry) await this.post(entry);
        else if (this.token) await this.replay();
        else await this.begin();
      } catch (error) {
        await this.recover(error, entry);
      }
    }
    this.working = false;
  }

  async begin() {
    const answer = await this.call('POST', '/session', this.city ? { city: this.city } : {});
    if (typeof answer.token !== 'string') throw new TypeError('no token');
    this.token = answer.token;
    this.local.write(this.key, this.token);
    this.replayed = true;
    this.succeeded(this.merge(answer.messages));
  }

  async replay() {
    const { replayed: fresh, token } = this;
    this.behind = false; // whatever happens from here on asks for one more replay
    const answer = await this.call('GET', `/messages?after=${this.complete()}`).catch((error) => {
      this.behind = true;
      throw error;
    });
    if (token !== this.token) return; // another tab has changed the conversation meanwhile
    const heard = this.merge(answer.messages);
    if (answer.messages.length >= MOST_REPLAYED) this.behind = true;
    this.replayed = true;
    this.busy = answer.busy === true;
    if (this.busy) setTimeout(() => this.wake(), ASK_AGAIN);
    this.succeeded(fresh ? heard : []);
  }

  async post(entry) {
    const said = entry.button ? { button: entry.button } : { text: entry.text };
    const token = this.token;
    const answer = await this.call('POST', '/message', { client_msg_id: entry.id, ...said });
    if (token !== this.token) return;
    const heard = this.merge(answer.messages);
    this.queue(this.outbox.filter((other) => other.id !== entry.id));
    this.local.write(`${this.key} seq`, String(Math.max(...this.seen.keys())));
    this.behind = this.complete() < Math.max(...this.seen.keys());
    this.succeeded(heard);
  }

  succeeded(heard) {
    this.failures = 0;
    this.trouble = '';
    this.changed(heard);
  }

  /** The last seq before the first gap. */
  complete() {
    let seq = 0;
    while (this.seen.has(seq + 1)) seq += 1;
    return seq;
  }

  /** Adds what is not yet known; returns the bot's part of it. */
  merge(messages) {
    const added = messages.filter((message) => Number.isInteger(message.seq) && !this.seen.has(message.seq));
    added.forEach((message) => this.seen.set(message.seq, message));
    return added.filter((message) => message.from === 'bot');
  }

  async call(method, path, body, token = this.token) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    const slow = setTimeout(() => {
      this.slow = true;
      this.changed([]);
    }, SLOW);
    const headers = { 'Content-Type': 'application/json' };
    if (token) headers.Authorization = `Bearer ${token}`;
    try {
      const response = await fetch(this.base + path, {
        method, headers, body: body && JSON.stringify(body), signal: stop.signal, mode: 'cors', credentials: 'omit', cache: 'no-store',
      });
      const answer = parse(await response.text()); // a truncated reply or the page of a hotel's network fails here
      if (!response.ok) throw new Refusal(response.status, answer.error || {});
      if (method !== 'DELETE' && !Array.isArray(answer.messages)) throw new TypeError('no messages');
      return answer;
    } finally {
      clearTimeout(timer);
      clearTimeout(slow);
      this.slow = false;
    }
  }

  /** entry: what was being sent, if anything was. */
  async recover(error, entry) {
    if (error.status === 401) {
      this.leave(this.local.read(this.key));
    } else if (FINAL.includes(error.status) && (entry || !this.token)) {
      const back = entry ? [entry] : this.outbox;
      if (!this.token) this.started = false; // no conversation can be begun here; the next message tries again
      this.queue(this.outbox.filter((other) => !back.includes(other)));
      // Sent as text, an old choice would answer the newer question.
      this.refused = { text: back.filter((one) => !one.button).map((one) => one.text).join('\n'), message: error.message };
      this.changed([]);
      return;
    }
    this.failures += 1;
    this.trouble = error instanceof Refusal ? error.message : '';
    this.changed([]);
    await this.pause(error.retryAfter);
  }

  /** The token is no longer good. Another tab may have begun anew already; otherwise the next step does. */
  leave(stored) {
    const known = stored === this.token ? null : stored;
    this.expired = this.seen.size > 0 || this.behind;
    this.past = [...this.past.filter((other) => other !== this.token), this.token];
    this.forget();
    this.token = known;
    this.behind = Boolean(known);
    if (!known) this.local.remove(this.key);
  }

  pause(seconds) {
    const wait = seconds ? Math.min(seconds, 60) * 1000 : Math.min(FIRST_WAIT * 2 ** (this.failures - 1), LONGEST_WAIT);
    return new Promise((resolve) => {
      let timer = 0;
      this.resume = () => {
        clearTimeout(timer);
        this.resume = null;
        resolve();
      };
      timer = setTimeout(this.resume, wait);
    });
  }
}

// The browser's storage, which may be blocked, full or absent; then the page remembers until it is left.

/** name: 'localStorage' or 'sessionStorage'. */
export function open(name) {
  const memory = new Map();
  const attempt = (action, otherwise) => {
    try {
      return action(window[name]);
    } catch (blockedOrFull) {
      return otherwise();
    }
  };
  return {
    read: (key) => attempt((store) => store.getItem(key), () => null) || memory.get(key) || null,
    write(key, value) {
      memory.set(key, value);
      attempt((store) => store.setItem(key, value), () => {});
    },
    remove(key) {
      memory.delete(key);
      attempt((store) => store.removeItem(key), () => {});
    },
  };
}

/** Objects without a prototype: what the host page added to Object.prototype cannot pass for data of ours. */
export function parse(json) {
  return JSON.parse(json, (_, value) => (value && typeof value === 'object' && !Array.isArray(value)
    ? Object.assign(Object.create(null), value) : value));
}

/** What is stored under the key, or `otherwise` where that is missing or spoilt. */
export function recall(store, key, otherwise) {
  try {
    return parse(store.read(key)) || otherwise;
  } catch (spoilt) {
    return otherwise;
  }
}

// Keys for who reads many conversations: j and k go from message to message, n and p to the older and newer conversation.
// Everything they do is also a link. They are off while something is typed, and can be switched off in the account.
"use strict";

const step = (by) => {
  const turns = [...document.querySelectorAll(".turn")];
  const here = turns.indexOf(document.activeElement.closest(".turn"));
  const next = turns[Math.min(Math.max(here + by, 0), turns.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "start" });
};

const follow = (relation) => {
  const link = document.querySelector(`link[rel=${relation}], a[rel=${relation}]`);
  if (link) location.assign(link.href);
};

const keys = { j: () => step(1), k: () => step(-1), n: () => follow("next"), p: () => follow("prev") };

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
  if ("keys" in document.body.dataset && plain && !typing && keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

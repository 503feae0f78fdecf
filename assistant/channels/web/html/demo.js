// A question of the page opens the chat with it; without the widget the link leads to the page without JavaScript.
for (const link of document.querySelectorAll('[data-ask]')) {
  link.addEventListener('click', (event) => {
    const chat = document.querySelector('idcard-chat');
    if (!chat?.ask || event.ctrlKey || event.metaKey || event.shiftKey) return; // those open a page of their own
    event.preventDefault();
    chat.ask(link.dataset.ask).catch(() => location.assign(link.href));
  });
}

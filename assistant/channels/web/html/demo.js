// A question of the page opens the chat with it; without the widget the link leads to the page without JavaScript.
for (const link of document.querySelectorAll('[data-ask]')) {
  link.addEventListener('click', (event) => {
    const chat = document.querySelector('idcard-chat');
    if (!chat?.ask) return;
    event.preventDefault();
    chat.ask(link.dataset.ask);
  });
}

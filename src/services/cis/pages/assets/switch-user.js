// Who presses "Switch user" hands over to the next person: the page to log on then asks for a passkey at once.
for (const form of document.querySelectorAll('form[data-switch]'))
  form.addEventListener('submit', () => sessionStorage.setItem('openspine-switch', '1'));

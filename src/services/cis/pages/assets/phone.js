// Looks every second whether the phone has decided, and goes on when it has.
const status = document.querySelector('#phone-status');
const words = {
  open: 'Waiting for your phone.',
  seen: 'Your phone is asking you. Confirm the number there.',
  refused: 'It was refused on the phone.',
  ended: 'A minute has passed. Show a new code to try again.',
};

const look = async () => {
  let is = 'open';
  try {
    const answer = await fetch(status.dataset.status, { headers: { accept: 'application/json' } });
    if (answer.ok) ({ is } = await answer.json());
  } catch {
    // the network is away for a moment: look again
  }
  if (is === 'approved') {
    document.querySelector('#phone-done').submit();
    return;
  }
  if (status.textContent !== words[is]) status.textContent = words[is];
  if (is === 'open' || is === 'seen') setTimeout(look, 1000);
  else document.querySelector('#phone-again').hidden = false;
};
setTimeout(look, 1000);

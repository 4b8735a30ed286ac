// Asks the browser for a passkey, or for a new one, and sends us its answer. Without it the page says what is missing.
for (const place of document.querySelectorAll('[data-passkey]')) {
  const button = place.querySelector('[data-start]');
  const error = place.querySelector('[data-error]');
  const isLogOn = place.dataset.passkey === 'log-on';
  let asking = new AbortController();

  const say = (words) => {
    error.textContent = words;
    error.hidden = words === '';
  };

  const post = async (address, body) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    if (place.dataset.token) headers['x-openspine-token'] = place.dataset.token;
    const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
    const read = await answer.json().catch(() => ({}));
    if (!answer.ok && read.next) location.assign(read.next);
    if (!answer.ok) throw new Error(read.message ?? 'Something went wrong. Try again.');
    return read;
  };

  const wordsOf = (failure) => {
    if (failure.name === 'NotAllowedError') return 'No passkey was used, or it took too long. Try again.';
    if (failure.name === 'InvalidStateError') return 'This device or key is registered already.';
    if (failure.name === 'SecurityError') return 'Passkeys do not work at this address. Check how you came here.';
    if (failure.name === 'NotSupportedError') return 'This browser cannot make such a passkey.';
    if (failure instanceof TypeError) return 'The network did not answer. Try again.';
    return failure.message;
  };

  const ask = async (mediation) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const options = await post(place.dataset.options, {});
      const credential = isLogOn
        ? await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
            signal,
            ...(mediation ? { mediation } : {}),
          })
        : await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
            signal,
          });
      if (signal.aborted) return;
      button.disabled = true;
      const name = place.querySelector('[data-name]')?.value;
      const { next } = await post(place.dataset.answer, { ...credential.toJSON(), ...(name ? { name } : {}) });
      location.assign(next);
    } catch (failure) {
      button.disabled = false;
      if (signal.aborted) return;
      say(wordsOf(failure));
      if (isLogOn && mediation) setTimeout(offer, 2000);
    }
  };

  // where the browser can, passkeys are offered in the field for the user name, without a click
  const offer = async () => {
    if (!document.querySelector('input[autocomplete~="webauthn"]')) return;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    void ask('conditional');
    const { signal } = asking;
    // a challenge lasts two minutes: before it ends, another is asked for
    setTimeout(() => signal.aborted || button.disabled || offer(), 100_000);
  };

  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    say('This browser is too old for passkeys.');
    continue;
  }
  button.hidden = false;
  button.addEventListener('click', () => {
    say('');
    void ask();
  });
  if (isLogOn && sessionStorage.getItem('openspine-switch') !== null) {
    sessionStorage.removeItem('openspine-switch');
    void ask();
  } else if (isLogOn) void offer();
}

import { closeSync, openSync } from 'node:fs';

export type SignalActions = {
  /** Asked to stop: Ctrl-C or SIGTERM. */
  stop(): void;
  /** Asked again. */
  atOnce(): void;
  /** SIGHUP, unless it says that the terminal was closed: that is asking to stop. */
  reload(): void;
};

/** A terminal and a package runner above us may both pass on one key press; closer together than this, they are one. */
const samePress = 250;

/** Listens for the signals an operator sends; the function returned listens no more. */
export function onSignals({ stop, atOnce, reload }: SignalActions): () => void {
  let asked: number | undefined;
  const asksToStop = () => {
    const now = performance.now();
    if (asked === undefined) {
      asked = now;
      stop();
    } else if (now - asked > samePress) atOnce();
  };
  const hadTerminal = hasTerminal();
  const hangUp = () => (hadTerminal && !hasTerminal() ? asksToStop() : reload());
  process.on('SIGINT', asksToStop);
  process.on('SIGTERM', asksToStop);
  process.on('SIGHUP', hangUp);
  return () => {
    process.off('SIGINT', asksToStop);
    process.off('SIGTERM', asksToStop);
    process.off('SIGHUP', hangUp);
  };
}

/** True while this process has a terminal that controls it. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

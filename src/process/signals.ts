export type SignalActions = {
  /** Asked to stop: Ctrl-C or SIGTERM. */
  stop(): void;
  /** Asked again. */
  atOnce(): void;
  /** SIGHUP. */
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
  process.on('SIGINT', asksToStop);
  process.on('SIGTERM', asksToStop);
  process.on('SIGHUP', reload);
  return () => {
    process.off('SIGINT', asksToStop);
    process.off('SIGTERM', asksToStop);
    process.off('SIGHUP', reload);
  };
}

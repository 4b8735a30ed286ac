import type { Io } from '../command.ts';

/** Shows how far a transfer is; `at` and `total` in bytes. */
export type Progress = { at(bytes: number): void; done(): void };

const quiet: Progress = { at: () => {}, done: () => {} };
const barWidth = 30;
/** Below this, plain lines say nothing: the transfer is over before they are read. */
const worthLines = 20_000_000;

/** A bar that is redrawn on a terminal; elsewhere a plain line for each tenth of a large transfer. */
export function progressOn(io: Io, label: string, total: number | undefined, isQuiet: boolean): Progress {
  if (isQuiet) return quiet;
  return io.terminal ? bar(io.terminal, label, total) : lines(io, label, total);
}

function bar(terminal: NonNullable<Io['terminal']>, label: string, total: number | undefined): Progress {
  const began = performance.now();
  let drawnAt = -1000;
  let last = 0;
  const draw = (bytes: number) => {
    const seconds = (performance.now() - began) / 1000;
    const rate = seconds > 0.5 ? `  ${amount(bytes / seconds)}/s` : '';
    terminal.write(`\r\u001b[K${label}  ${barOf(bytes, total)}${rate}`);
  };
  return {
    at(bytes) {
      last = bytes;
      if (performance.now() - drawnAt < 100) return;
      drawnAt = performance.now();
      draw(bytes);
    },
    done() {
      draw(last);
      terminal.write('\n');
    },
  };
}

/** The bar itself; without a known total, the amount alone. */
export function barOf(bytes: number, total: number | undefined): string {
  if (total === undefined || total <= 0) return amount(bytes);
  const share = Math.max(0, Math.min(1, bytes / total));
  const full = Math.round(share * barWidth);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${percent}  ${amount(bytes)} of ${amount(total)}`;
}

function lines(io: Io, label: string, total: number | undefined): Progress {
  let told = 0;
  return {
    at(bytes) {
      if (total === undefined || total < worthLines) return;
      const tenth = Math.floor((bytes / total) * 10);
      if (tenth <= told) return;
      told = tenth;
      io.err(`${label}: ${tenth * 10}% of ${amount(total)}`);
    },
    done() {},
  };
}

/** Bytes in words: `340 B`, `2.0 MB`. Decimal units, as the published limits have them. */
export function amount(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${Math.round(value)} B` : `${value.toFixed(1)} ${units[unit]}`;
}

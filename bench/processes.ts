import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children have used so far. */
export type Usage = { readonly cpuSeconds: number; readonly peakMegabytes: number };

const ticksPerSecond = 100;

function statOf(pid: number): { parent: number; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** CPU of one process, or with its children; peak memory of the largest of them. */
export function usageOf(pid: number, withChildren = false): Usage {
  const pids = withChildren ? [pid, ...childrenOf(pid)] : [pid];
  const ticks = pids.reduce((sum, one) => sum + (statOf(one)?.ticks ?? 0), 0);
  return { cpuSeconds: ticks / ticksPerSecond, peakMegabytes: Math.max(...pids.map(peakOf)) };
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((one) => statOf(one)?.parent === pid);
}

import type { Command } from '../../src/cli/command.ts';

/** What a command did: its exit code, and the lines it wrote. */
export type Heard = { readonly code: number; readonly out: string[]; readonly err: string[] };

/** Runs a command of `openspine`, or all of them (`main`), with these arguments in this environment. */
export async function heard(
  run: Command['run'],
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): Promise<Heard> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run([...args], { out: (line) => void out.push(line), err: (line) => void err.push(line), env });
  return { code, out, err };
}

/** Which workflows an inbox is asked for: those like the pattern (SQL LIKE), or those that are not. */
export type WorkflowFilter = { readonly pattern: string; readonly isWanted: boolean };

/** Reads `NAME`, `NAME*`, `*NAME*`, each with `!` before it for the opposite; undefined where there is nothing to compare. */
export function readWorkflowFilter(text: string | undefined): WorkflowFilter | undefined {
  if (text === undefined) return undefined;
  const isWanted = !text.startsWith('!');
  const name = isWanted ? text : text.slice(1);
  const [, start, middle, end] = /^(\*?)(.*?)(\*?)$/s.exec(name) as unknown as [string, string, string, string];
  if (middle === '') return undefined;
  const literal = middle.replaceAll(/[\\%_]/g, (one) => `\\${one}`);
  return { pattern: `${start && '%'}${literal}${end && '%'}`, isWanted };
}

/** Where a command writes, line by line, and the environment it was called in. */
export type Io = {
  out(line: string): void;
  err(line: string): void;
  env: Record<string, string | undefined>;
  /** Where something may be drawn over itself; absent where nobody watches. */
  terminal?: { write(text: string): unknown };
};

/** One command of `openspine`; `run` answers the exit code: 0 done, 1 failed, 2 called wrongly. */
export type Command = {
  name: string;
  summary: string;
  help: string;
  run(args: string[], io: Io): Promise<number>;
};

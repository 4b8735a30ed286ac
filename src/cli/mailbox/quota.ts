import { parseArgs } from 'node:util';
import { readQuota, setQuota } from '../../services/mesh/index.ts';
import type { Io } from '../command.ts';
import { atRegister, noMailbox, only, UsageError } from './at-register.ts';

const text = { type: 'string' } as const;

/** Which option sets which bound. */
const bounds = { messages: 'messagesADay', bytes: 'bytesADay', waiting: 'waitingBytes' } as const;
type Bound = keyof typeof bounds;
const options = Object.keys(bounds) as Bound[];

/** `openspine mailbox quota`: shows the bounds of a mailbox, or sets those given and leaves the others. */
export async function quota(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { messages: text, bytes: text, waiting: text, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [mailboxId = ''] = only(positionals, 'the mailbox');
  const given = Object.fromEntries(
    options.flatMap((option) => {
      const value = values[option];
      return value === undefined ? [] : [[bounds[option], boundOf(option, value)]];
    }),
  );
  const shown = await atRegister(io, async ({ register, now, noteOf }) => {
    const mailbox = register.directory.find(mailboxId);
    if (!mailbox) throw noMailbox(mailboxId);
    if (Object.keys(given).length > 0) {
      const wish = readQuota({ ...mailbox.quota, ...given });
      if ('fault' in wish) throw new UsageError(`${wish.fault}.`);
      await setQuota(register, mailboxId, wish, noteOf('mesh.set-mailbox-quota', mailboxId));
    }
    const usedToday = await register.quotas.usedToday(mailboxId, now);
    return { ...register.directory.find(mailboxId)?.quota, usedToday };
  });
  const { usedToday } = shown;
  if (values.json) io.out(JSON.stringify({ mailboxId, ...shown }));
  else {
    // what is sent is counted only where there is a bound
    const used = { messages: usedToday.messages, bytes: usedToday.bytes, waiting: undefined };
    const words = { messages: 'messages a day', bytes: 'bytes a day', waiting: 'bytes waiting' };
    for (const option of options) {
      const bound = shown[bounds[option]];
      const today = bound === undefined || used[option] === undefined ? '' : ` (${used[option]} today)`;
      io.out(`${words[option].padEnd(16)} ${bound ?? 'none'}${today}`);
    }
  }
  return 0;
}

function boundOf(option: Bound, given: string): number | null {
  if (given === 'none') return null;
  if (!/^\d{1,16}$/.test(given)) throw new UsageError(`--${option} is a whole number or none, not "${given}".`);
  return Number(given);
}

import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { plainMessage } from '../messages/message.ts';
import { insertMessages, insertOutbox } from '../messages/queries.ts';
import { type SearchPage, searchReceived, searchSent } from './search.ts';

const db = await testDatabase();
const messages = Array.from({ length: 40 }, (_, index) => ({
  ...plainMessage,
  mailboxId: 'BUSY',
  messageId: `M${String(index).padStart(2, '0')}`,
  state: 'acknowledged' as const,
  sender: 'LAB',
  workflowId: index % 20 === 3 ? 'RARE' : 'USUAL',
  localId: index === 3 ? 'MINE' : '',
  fileName: 'any.dat',
  // two in each microsecond
  sentOrder: 1_700_000_000_000_000 + Math.floor(index / 2),
  expiresAt: 1_900_000_000_000,
}));
await db.query(insertMessages(messages));
await db.query(insertOutbox(messages));

const anything = { localId: '', workflowId: '', correspondent: '', since: 0, until: 9e15 };
const newest = { order: 9e15, messageId: '' };

/** All pages, each of which looks through `most` messages; the ids they found. */
async function pagesOf(
  search: typeof searchReceived,
  mailboxId: string,
  within: Partial<typeof anything>,
  most: number,
): Promise<string[][]> {
  const pages: string[][] = [];
  let before: SearchPage['next'] = newest;
  while (before && pages.length < 50) {
    const page: SearchPage = await search(db, mailboxId, { ...anything, ...within, before }, 1, most);
    pages.push(page.messages.map((one) => one.messageId));
    before = page.next;
  }
  return pages;
}

test('a search for what is rare looks through so many messages a page, leads on, and finds each once', async () => {
  for (const [search, mailboxId] of [
    [searchReceived, 'BUSY'],
    [searchSent, 'LAB'],
  ] as const) {
    for (const most of [1, 7, 10, 39, 40, 1000]) {
      const pages = await pagesOf(search, mailboxId, { workflowId: 'RARE' }, most);
      expect([most, pages.flat()]).toEqual([most, ['M23', 'M03']]);
    }
    expect(await pagesOf(search, mailboxId, { workflowId: 'NONE' }, 10)).toEqual([[], [], [], []]);
    expect((await pagesOf(search, mailboxId, { localId: 'MINE' }, 10)).flat()).toEqual(['M03']);
  }
});

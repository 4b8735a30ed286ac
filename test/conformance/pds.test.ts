import { describe, test } from 'vitest';
import { startSpine } from '../support/spine.ts';
import { knownMismatches, unprovoked } from './known.ts';
import { openLedger } from './ledger.ts';
import { replayErrors } from './pds-errors.ts';
import { replayReads } from './pds-reads.ts';
import { replayWrites } from './pds-writes.ts';
import { publishedExamples } from './published.ts';

const examples = publishedExamples('pds');

if (!examples.isThere) {
  test.skip(`PDS conformance: no published examples in ${examples.directory} (set OPENSPINE_CONTRACTS)`, () => {});
} else {
  const spine = await startSpine();
  const limited = await startSpine({ OPENSPINE_RATE_LIMIT: 'contract' });
  const busy = await startSpine({ OPENSPINE_MAX_IN_FLIGHT: '1' });
  describe('PDS answers as published', () => {
    const ledger = openLedger('PDS', knownMismatches, unprovoked);
    replayReads({ ledger, spine, examples });
    replayErrors({ ledger, spine, limited, busy, examples });
    replayWrites({ ledger, spine, examples });
    ledger.accountsFor(
      ['patients', 'search', 'related-person', 'coverage', 'create', 'birth', 'patch', 'errors']
        .flatMap(examples.of)
        .filter((file) => !file.endsWith('/index.json')),
    );
  });
}

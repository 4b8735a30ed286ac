import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ControlFileError, readControlFile, writeControlFile } from './control-file.ts';
import { failedControl, outgoingOf, receivedControl, sentControl } from './control-rules.ts';

// what XML can hold and a reader keeps: a lone carriage return comes back as written, by reference
const content = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) => text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ''));
const name = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/)
  .filter((one) => !['StatusRecord', '__proto__'].includes(one));

test('what is written is read back the same, whatever its elements hold', () => {
  fc.assert(
    fc.property(fc.dictionary(name, content), fc.option(fc.dictionary(name, content)), (fields, status) => {
      const control = status === null ? { fields } : { fields, status };
      const read = readControlFile(writeControlFile(control));
      expect({ ...read.fields }).toEqual({ ...fields });
      expect(read.status && { ...read.status }).toEqual(status === null ? undefined : { ...status });
    }),
  );
});

test('whatever else stands there is refused with words, never read as something', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(() => readControlFile(`<DTSControl>${text}<</DTSControl>`)).toThrow(ControlFileError);
    }),
  );
});

test.for([
  ['a document type', '<!DOCTYPE x [<!ENTITY e "boom">]><DTSControl><To_DTS>&e;</To_DTS></DTSControl>'],
  ['an entity of its own', '<DTSControl><To_DTS>&e;</To_DTS></DTSControl>'],
  ['elements in elements', '<DTSControl><A><To_DTS>X</To_DTS></A></DTSControl>'],
  ['an element twice', '<DTSControl><To_DTS>A</To_DTS><To_DTS>B</To_DTS></DTSControl>'],
  ['another root', '<Control><To_DTS>A</To_DTS></Control>'],
  ['an end that is missing', '<DTSControl><To_DTS>A</To_DTS>'],
])('a control file with %s is refused', ([, text]) => {
  expect(() => readControlFile(text as string)).toThrow(ControlFileError);
});

test('declaration, comments, blanks, a byte order mark and empty elements are read as they are meant', () => {
  const text = `\ufeff<?xml version="1.0"?>\n<!-- from the lab system -->\n<DTSControl>
    <Subject>R&amp;D &#x2265; 5</Subject><PartnerId/><LocalId></LocalId></DTSControl>`;
  expect(readControlFile(text)).toEqual({ fields: { Subject: 'R&D ≥ 5', PartnerId: '', LocalId: '' } });
});

const fields = {
  Version: '1.0',
  MessageType: 'Data',
  WorkflowId: 'WF_1',
  To_DTS: 'X26ABC2',
  From_DTS: 'X26ABC1',
  LocalId: 'L1',
  Compress: 'Y',
  Encrypted: 'N',
};

test('a control file becomes an envelope', () => {
  expect(outgoingOf({ fields }, 'X26ABC1', 'a.dat')).toMatchObject({
    envelope: { to: 'X26ABC2', workflowId: 'WF_1', localId: 'L1', fileName: 'a.dat', isEncrypted: false },
    isGzip: true,
    mayChunk: true,
  });
});

test.for([
  ['Version', '2.0', '09'],
  ['MessageType', 'Report', '11'],
  ['To_DTS', '', '08'],
  ['From_DTS', 'X26ABC9', '07'],
  ['WorkflowId', '', '06'],
])('%s "%s" is refused with the published code %s', ([field, value, code]) => {
  expect(outgoingOf({ fields: { ...fields, [field as string]: value } }, 'X26ABC1', 'a.dat')).toMatchObject({ code });
});

test('what was sent, failed and received is told in a status record', () => {
  const at = Date.UTC(2026, 10, 25, 10, 11, 12);
  const sent = { messageId: 'M1', localId: 'L1', bytes: 1, chunks: 1, isResumed: false };
  expect(sentControl({ fields }, 'X26ABC1', sent, true, at)).toMatchObject({
    fields: { ...fields, DTSId: 'M1', IsCompressed: 'Y' },
    status: { DateTime: '20261125101112', Status: 'SUCCESS', StatusCode: '00' },
  });
  const fault = { event: 'SEND', code: '12', words: 'Unregistered to address' };
  expect(failedControl({ fields }, fault, 'M2', at)).toMatchObject({
    fields: { ...fields, DTSId: 'M2' },
    status: { Event: 'SEND', Status: 'ERROR', StatusCode: '12', Description: 'Unregistered to address' },
  });
  const headers = {
    'mex-to': 'X26ABC1',
    'mex-linkedmsgid': 'M3',
    'mex-localid': 'L3',
    'mex-statuscode': '14',
    'mex-statusdescription': 'Message not collected by recipient after 5 days',
    'mex-statussuccess': 'ERROR',
    'mex-statustimestamp': '20261125101112',
  };
  const report = receivedControl({ id: 'R1', headers, isReport: true, bytes: 0, sha256: undefined }, at);
  expect(report).toMatchObject({
    fields: { MessageType: 'Report', To_DTS: 'X26ABC1', DTSId: 'M3', LocalId: 'L3' },
    status: { Status: 'ERROR', StatusCode: '14', Event: 'SEND' },
  });
  expect(report.fields).not.toHaveProperty('From_DTS');
});

import { travelling } from '../envelope.ts';
import type { Received } from '../fetch.ts';
import type { SendPlan, Sent } from '../send.ts';
import type { ControlFile } from './control-file.ts';

/** Why a pair cannot be sent, as the published error codes have it. */
export type Fault = { readonly event: string; readonly code: string; readonly words: string };

type Outgoing = Pick<SendPlan, 'envelope' | 'isGzip'> & { readonly mayChunk: boolean };

const isYes = (value: string | undefined): boolean => /^(y|yes|true)$/i.test(value ?? '');

/** What a control file in `out` asks for, or why it cannot be done. `mailbox` is ours, `dataName` the name of the `.dat`. */
export function outgoingOf({ fields }: ControlFile, mailbox: string, dataName: string): Outgoing | Fault {
  const { Version = '1.0', MessageType = 'Data', To_DTS = '', From_DTS = '', WorkflowId = '' } = fields;
  if (Version !== '1.0') return { event: 'SEND', code: '09', words: 'Invalid version of the control file' };
  if (MessageType.toLowerCase() !== 'data')
    return { event: 'SEND', code: '11', words: 'Invalid Message Type for the transfer' };
  if (To_DTS === '') return { event: 'SEND', code: '08', words: 'TO_DTS missing' };
  if (From_DTS !== '' && From_DTS.toUpperCase() !== mailbox.toUpperCase())
    return { event: 'SEND', code: '07', words: 'Invalid From Address in the control file' };
  if (WorkflowId === '') return malformed('WorkflowId missing');
  return {
    envelope: {
      to: To_DTS,
      workflowId: WorkflowId,
      localId: fields.LocalId || undefined,
      fileName: travelling(fields.FileName || dataName),
      subject: fields.Subject || undefined,
      partnerId: fields.PartnerId || undefined,
      checksum: fields.DataChecksum || undefined,
      isEncrypted: isYes(fields.Encrypted),
      isCompressed: isYes(fields.IsCompressed),
    },
    isGzip: isYes(fields.Compress) && !isYes(fields.IsCompressed),
    mayChunk: !/^(n|no|false)$/i.test(fields.AllowChunking ?? ''),
  };
}

/** The fault of a control file that cannot be read. */
export const malformed = (words: string): Fault => ({
  event: 'TRANSFER',
  code: '06',
  words: `MalformedControlFile: ${words}`,
});

/** The fault of a pair without its data. */
export const dataMissing: Fault = { event: 'COLLECT', code: '02', words: 'Data file is missing or inaccessible.' };

/** The control file of a pair that was sent; `at` in milliseconds since 1970. */
export function sentControl({ fields }: ControlFile, mailbox: string, sent: Sent, isGzip: boolean, at: number) {
  return {
    fields: {
      ...fields,
      From_DTS: fields.From_DTS || mailbox,
      LocalId: sent.localId,
      DTSId: sent.messageId,
      IsCompressed: isGzip || isYes(fields.IsCompressed) ? 'Y' : 'N',
    },
    status: {
      DateTime: stampOf(at),
      Event: 'TRANSFER',
      Status: 'SUCCESS',
      StatusCode: '00',
      Description: 'Transferred to recipient mailbox',
    },
  };
}

/** The control file of a pair that could not be sent; `id` when MESH gave the refused message one. */
export function failedControl({ fields }: ControlFile, fault: Fault, id: string | undefined, at: number): ControlFile {
  return {
    fields: { ...fields, ...(id === undefined ? {} : { DTSId: id }) },
    status: {
      DateTime: stampOf(at),
      Event: fault.event,
      Status: 'ERROR',
      StatusCode: fault.code,
      Description: fault.words,
    },
  };
}

/** The control file of a message or report that was fetched, from its headers. */
export function receivedControl({ id, headers, isReport }: Received, at: number): ControlFile {
  const of = (name: string) => headers[`mex-${name}`] ?? '';
  const isError = of('statussuccess').toUpperCase() === 'ERROR';
  return {
    fields: {
      Version: of('version') || '1.0',
      AddressType: of('addresstype') || 'ALL',
      MessageType: isReport ? 'Report' : 'Data',
      ...(isReport ? {} : { From_DTS: of('from') }),
      To_DTS: of('to'),
      Subject: of('subject'),
      LocalId: of('localid'),
      DTSId: isReport ? of('linkedmsgid') || id : id,
      PartnerId: of('partnerid'),
      // the content stands here as its sender had it: what was compressed on the way is no longer
      Compress: 'N',
      Encrypted: isYes(of('content-encrypted')) ? 'Y' : 'N',
      WorkflowId: of('workflowid'),
      DataChecksum: of('content-checksum'),
      IsCompressed: 'N',
      ...(of('filename') === '' ? {} : { FileName: of('filename') }),
    },
    status: {
      DateTime: of('statustimestamp') || stampOf(at),
      Event: of('statusevent') || (isReport ? 'SEND' : 'TRANSFER'),
      Status: isReport || isError ? 'ERROR' : 'SUCCESS',
      StatusCode: of('statuscode') || (isReport ? '' : '00'),
      Description: of('statusdescription') || (isReport ? '' : 'Transferred to recipient mailbox'),
    },
  };
}

/** `yyyyMMddHHmmss`, in UTC. */
const stampOf = (at: number): string => new Date(at).toISOString().slice(0, 19).replace(/\D/g, '');

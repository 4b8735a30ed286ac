import type { Mailbox, Workflow } from './mailbox.ts';

const mailbox = (mailboxId: string, name: string, billingEntity: string, odsCode: string): Mailbox => ({
  mailboxId,
  name,
  odsCode,
  orgCode: odsCode,
  orgName: '',
  billingEntity,
  password: 'password',
  isActive: true,
});

/** The mailboxes that published test suites expect of a sandbox. */
export const sandboxMailboxes: readonly Mailbox[] = [
  mailbox('X26ABC1', 'TESTMB1', 'England', 'X26'),
  mailbox('X26ABC2', 'TESTMB2', 'Wales', 'X26'),
  mailbox('X26ABC3', 'TESTMB3', 'England', 'X27'),
  mailbox('ALICE', 'TESTMB1', 'England', 'X26'),
  mailbox('BOB', 'TESTMB2', 'Wales', 'X26'),
  mailbox('BARRY', 'TESTMB3', 'England', 'X27'),
];

/** The workflows those suites expect. */
export const sandboxWorkflows: readonly Workflow[] = [
  { workflowId: 'TEST_WORKFLOW', senders: ['X26ABC1'], receivers: ['X26ABC2'] },
  { workflowId: 'TEST_WORKFLOW_ACK', senders: ['X26ABC2'], receivers: ['X26ABC1', 'X26ABC3'] },
  { workflowId: 'TEST_WORKFLOW2', senders: ['X26ABC1'], receivers: ['X26ABC1', 'X26ABC2', 'X26ABC3'] },
  { workflowId: 'RESTRICTED_WORKFLOW', senders: ['ALICE'], receivers: ['BOB'] },
  { workflowId: 'ANOTHER_WORKFLOW', senders: ['BOB'], receivers: ['BARRY', 'ALICE'] },
];

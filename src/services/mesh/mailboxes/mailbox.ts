/** A mailbox, and whose it is. */
export type Mailbox = {
  readonly mailboxId: string;
  readonly name: string;
  readonly odsCode: string;
  readonly orgCode: string;
  readonly orgName: string;
  readonly billingEntity: string;
  readonly password: string;
  /** Those before, where they still hold, and until when (milliseconds since 1970); none: undefined. */
  readonly earlier?: readonly { readonly password: string; readonly until: number }[] | undefined;
  readonly isActive: boolean;
  /** How much it may send and how much may wait in it, where that is bounded. */
  readonly quota?: Quota | undefined;
  /** SHA-256 of the client certificates it must be called with; undefined: with any. */
  readonly fingerprints?: ReadonlySet<string> | undefined;
  /** SHA-256 of those it must not be called with any more; undefined: none. */
  readonly withdrawn?: ReadonlySet<string> | undefined;
};

/** Bounds of a mailbox; undefined: none. Days are those of UTC. */
export type Quota = {
  readonly messagesADay: number | undefined;
  readonly bytesADay: number | undefined;
  readonly waitingBytes: number | undefined;
};

/** Who may send and who may receive a workflow, by mailbox id. */
export type Workflow = {
  readonly workflowId: string;
  readonly senders: readonly string[];
  readonly receivers: readonly string[];
};

/** What operators choose while it runs; shared by all processes. */
export type Switches = {
  /** A refused message also gets an id, and its sender a report. */
  readonly hasLiveReports: boolean;
  /** Only mailboxes registered for a workflow may send or receive it. */
  readonly enforcesWorkflows: boolean;
};

/** Whether a mailbox is of an organisation, by either of its codes. */
export const isOf = ({ odsCode, orgCode }: Mailbox, code: string): boolean =>
  code !== '' && (odsCode === code || orgCode === code);

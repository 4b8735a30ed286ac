import type { Database, Queryable } from '../../../platform/db/database.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import type { Mailbox, Quota, Switches, Workflow } from './mailbox.ts';
import {
  type BoundsRow,
  deleteWorkflow,
  insertWorkflowMailbox,
  type MailboxRow,
  nextVersion,
  putSetting,
  selectFingerprints,
  selectMailboxes,
  selectSettings,
  selectWithdrawn,
  selectWorkflows,
  upsertMailbox,
} from './queries.ts';

const passwordContext = (mailboxId: string) => `mesh password of ${mailboxId}`;
const pollMillis = 250;

/**
 * Mailboxes, workflows and switches, kept in memory by every process and read anew when their version has changed: at
 * once in the process that changed them, within 250 ms in the others.
 */
export class Directory {
  readonly #db: Database;
  readonly #vault: Vault;
  #version = -1;
  #mailboxes: ReadonlyMap<string, Mailbox> = new Map();
  #workflows: ReadonlyMap<string, Workflow> = new Map();
  #revoked: ReadonlySet<string> = new Set();
  #switches: Switches = { hasLiveReports: false, enforcesWorkflows: false };
  readonly #initial: Switches;
  #timer: NodeJS.Timeout | undefined;

  /** `initial`: switches that hold until somebody sets them. */
  constructor(db: Database, vault: Vault, initial: Switches) {
    this.#db = db;
    this.#vault = vault;
    this.#initial = initial;
  }

  get switches(): Switches {
    return this.#switches;
  }

  /** The mailbox of this id, as it is written (upper case). */
  find(mailboxId: string): Mailbox | undefined {
    return this.#mailboxes.get(mailboxId);
  }

  all(): Mailbox[] {
    return [...this.#mailboxes.values()];
  }

  workflows(): Workflow[] {
    return [...this.#workflows.values()];
  }

  workflow(workflowId: string): Workflow | undefined {
    return this.#workflows.get(workflowId);
  }

  /** Whether a client certificate of our own authority was withdrawn; by SHA-256, hexadecimal, lower case. */
  isRevoked(fingerprint: string): boolean {
    return this.#revoked.has(fingerprint);
  }

  /** Whether any was: while none was, nobody's certificate needs to be looked at for it. */
  get hasRevoked(): boolean {
    return this.#revoked.size > 0;
  }

  /** Mailboxes that receive the workflow, of one organisation where an ODS code is given; deactivated ones left out. */
  receivers(workflowId: string, odsCode?: string): Mailbox[] {
    const ids = this.#workflows.get(workflowId)?.receivers ?? [];
    return ids
      .map((id) => this.#mailboxes.get(id))
      .filter((one) => one?.isActive === true && (odsCode === undefined || one.odsCode === odsCode)) as Mailbox[];
  }

  /**
   * Reads everything when its version has changed; always, when told to. One reading at a time, so that what was read before
   * a change is never put in place of what was read after it.
   */
  refresh(isForced = false): Promise<void> {
    const reading = this.#reading.then(() => this.#read(isForced));
    this.#reading = reading.catch(() => undefined);
    return reading;
  }
  #reading: Promise<void> = Promise.resolve();

  async #read(isForced: boolean): Promise<void> {
    const settings = await this.#settings();
    const version = settings.get('version') ?? 0;
    if (!isForced && version === this.#version) return;
    const [mailboxes, fingerprints, withdrawn, workflows] = await Promise.all([
      this.#db.query<MailboxRow & BoundsRow>(selectMailboxes()),
      this.#db.query<{ mailbox_id: string; fingerprint: string }>(selectFingerprints()),
      this.#db.query<{ mailbox_id: string; fingerprint: string; is_ours: boolean }>(selectWithdrawn()),
      this.#db.query<{ workflow_id: string; is_sender: boolean; mailbox_ids: string }>(selectWorkflows()),
    ]);
    const found = new Map<string, { workflowId: string; senders: string[]; receivers: string[] }>();
    for (const { workflow_id: workflowId, is_sender: isSender, mailbox_ids: mailboxIds } of workflows) {
      const one = found.get(workflowId) ?? { workflowId, senders: [], receivers: [] };
      one[isSender ? 'senders' : 'receivers'] = mailboxIds.split(' ');
      found.set(workflowId, one);
    }
    const pinned = byMailbox(fingerprints);
    const barred = byMailbox(withdrawn);
    this.#mailboxes = new Map(
      mailboxes.map((row) => {
        const [fingerprints, withdrawn] = [pinned.get(row.mailbox_id), barred.get(row.mailbox_id)];
        return [row.mailbox_id, { ...this.#mailboxOf(row), fingerprints, withdrawn }];
      }),
    );
    this.#revoked = new Set(withdrawn.flatMap((one) => (one.is_ours ? [one.fingerprint] : [])));
    this.#workflows = found;
    const { hasLiveReports, enforcesWorkflows } = this.#initial;
    this.#switches = {
      hasLiveReports: (settings.get('live-reports') ?? +hasLiveReports) === 1,
      enforcesWorkflows: (settings.get('enforce-workflows') ?? +enforcesWorkflows) === 1,
    };
    this.#version = version;
  }

  /** Begins to look for changes by itself. */
  watch(): void {
    this.#timer = setInterval(() => void this.refresh().catch(() => undefined), pollMillis);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Makes or changes mailboxes in the caller's transaction; `refresh` once it is committed. `now` in milliseconds. */
  async putIn(tx: Queryable, mailboxes: readonly Mailbox[], now: number): Promise<void> {
    for (const mailbox of mailboxes) await tx.query(upsertMailbox(this.#rowOf(mailbox), new Date(now)));
    await tx.query(nextVersion());
  }

  /** Registers who may send and receive workflows, in place of what was registered for them. */
  async putWorkflowsIn(tx: Queryable, workflows: readonly Workflow[]): Promise<void> {
    for (const { workflowId, senders, receivers } of workflows) {
      await tx.query(deleteWorkflow(workflowId));
      for (const mailboxId of senders) await tx.query(insertWorkflowMailbox(workflowId, mailboxId, true));
      for (const mailboxId of receivers) await tx.query(insertWorkflowMailbox(workflowId, mailboxId, false));
    }
    await tx.query(nextVersion());
  }

  /** Sets switches for every process. */
  async switchIn(tx: Queryable, switches: { [Name in keyof Switches]?: boolean | undefined }): Promise<void> {
    const { hasLiveReports, enforcesWorkflows } = switches;
    if (hasLiveReports !== undefined) await tx.query(putSetting('live-reports', +hasLiveReports));
    if (enforcesWorkflows !== undefined) await tx.query(putSetting('enforce-workflows', +enforcesWorkflows));
    await tx.query(nextVersion());
  }

  /** A password as it is kept for this mailbox. */
  sealed(mailboxId: string, password: string): string {
    return this.#vault.seal(password, passwordContext(mailboxId));
  }

  async #settings(): Promise<Map<string, number>> {
    const rows = await this.#db.query<{ name: string; value: number }>(selectSettings());
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  #mailboxOf(row: MailboxRow & BoundsRow): Mailbox {
    const open = (sealed: string) => this.#opened(sealed, row.mailbox_id);
    return {
      mailboxId: row.mailbox_id,
      name: row.name,
      odsCode: row.ods_code,
      orgCode: row.org_code,
      orgName: row.org_name,
      billingEntity: row.billing_entity,
      password: open(row.sealed_password),
      earlier:
        row.earlier_passwords.length > 0
          ? row.earlier_passwords.map(({ sealed, until }) => ({ password: open(sealed), until }))
          : undefined,
      isActive: row.is_active,
      quota: quotaOf(row),
    };
  }

  /** A password; opened once, though mailboxes are read anew with every change of any. */
  #opened(sealed: string, mailboxId: string): string {
    const known = this.#passwords.get(mailboxId);
    if (known?.sealed === sealed) return known.password;
    const password = this.#vault.open(sealed, passwordContext(mailboxId));
    this.#passwords.set(mailboxId, { sealed, password });
    return password;
  }
  readonly #passwords = new Map<string, { readonly sealed: string; readonly password: string }>();

  #rowOf(mailbox: Mailbox): MailboxRow {
    return {
      mailbox_id: mailbox.mailboxId,
      name: mailbox.name,
      ods_code: mailbox.odsCode,
      org_code: mailbox.orgCode,
      org_name: mailbox.orgName,
      billing_entity: mailbox.billingEntity,
      sealed_password: this.sealed(mailbox.mailboxId, mailbox.password),
      is_active: mailbox.isActive,
    };
  }
}

function byMailbox(rows: readonly { mailbox_id: string; fingerprint: string }[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { mailbox_id: mailboxId, fingerprint } of rows)
    found.set(mailboxId, (found.get(mailboxId) ?? new Set()).add(fingerprint));
  return found;
}

function quotaOf(row: BoundsRow): Quota | undefined {
  const quota = {
    messagesADay: row.messages_a_day ?? undefined,
    bytesADay: row.bytes_a_day ?? undefined,
    waitingBytes: row.waiting_bytes ?? undefined,
  };
  return Object.values(quota).some((bound) => bound !== undefined) ? quota : undefined;
}

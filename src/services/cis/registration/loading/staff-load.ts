import type { PositionContent } from '../position-content.ts';

/** A whole staff as it is put in at once: a demo nation's, or an organisation's first. Ids are twelve digits. */
export type StaffLoad = {
  readonly organisations: readonly { odsCode: string; name: string; parent?: string | undefined }[];
  readonly workgroups: readonly { code: string; odsCode: string; name: string }[];
  readonly positions: readonly { positionId: string; odsCode: string; content: PositionContent }[];
  readonly people: readonly LoadedPerson[];
};

export type LoadedPerson = {
  readonly userId: string;
  readonly title?: string | undefined;
  readonly givenName: string;
  readonly middleNames?: string | undefined;
  readonly familyName: string;
  readonly email?: string | undefined;
  /** `gmc_id` and its like. */
  readonly professionalIds?: Readonly<Record<string, string>> | undefined;
  readonly bornOn: string;
  readonly postcode?: string | undefined;
  readonly nhsNumber?: string | undefined;
  readonly registeredBy: string;
  /** The level at which a sandbox's log-on page takes their word. */
  readonly sandboxLevel?: 1 | 2 | 3 | undefined;
  readonly assignments: readonly { roleProfileId: string; positionId: string; personOrgId: string }[];
};

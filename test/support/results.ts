/** Laboratory results in EDIFACT as tests send them; people and places are made up. */

export type ReportOptions = {
  readonly nhsNumber?: string;
  readonly organisation?: string;
  readonly clinician?: string;
  readonly reportId?: string;
  readonly association?: string;
  readonly isAbnormal?: boolean;
};

const lines = (reference: string, options: ReportOptions): string[] => {
  const { organisation = 'B81999', clinician = 'G7654321', reportId = `R/${reference}/1` } = options;
  const body = [
    `UNH+${reference}+MEDRPT:0:1:RT:${options.association ?? 'NHS003'}'`,
    "BGM+LSR'",
    "DTM+137:202603141015:203'",
    "S01+01'",
    `NAD+MR+${clinician}:900++O?'HARA'`,
    "SPR+PRO'",
    "S01+01'",
    `NAD+MR+${organisation}:901'`,
    "SPR+ORG'",
    "S01+01'",
    "NAD+SLA+++Biochemistry'",
    "SPR+DPT'",
    "S02+02'",
    `RFF+SRI:${reportId}'`,
    "STS++UN'",
    "S07+07'",
    `PNA+PAT+${options.nhsNumber ?? '9000000009'}:OPI+++SU:WINDERMERE+FO:ADA'`,
    "INV+MQ+44I4.:911::Serum potassium'",
    `RSL+NV+${options.isAbnormal ? '6.9' : '4.1'}++:::mmol/L${options.isAbnormal ? '+HI' : ''}'`,
  ];
  return [...body, `UNT+${body.length + 1}+${reference}'`];
};

/** One interchange of reports, asking for an acknowledgment unless told otherwise. */
export function resultsInterchange(
  options: {
    readonly controlReference?: string;
    readonly reports?: readonly ReportOptions[];
    readonly isAcknowledgmentAsked?: boolean;
  } = {},
): string {
  const { controlReference = '2041', reports = [{}], isAcknowledgmentAsked = true } = options;
  const asked = isAcknowledgmentAsked ? '++1' : '';
  return [
    "UNA:+.? '",
    `UNB+UNOC:3+LABORATORY01:80+SURGERY01:80+260314:1015+${controlReference}++MEDRPT${asked}'`,
    ...reports.flatMap((report, index) => lines(String(index + 1), report)),
    `UNZ+${reports.length}+${controlReference}'`,
    '',
  ].join('\r\n');
}

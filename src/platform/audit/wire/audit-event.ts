import type { AuditEntry } from '../entry.ts';

const actions: Record<string, { code: string; subtype: string }> = {
  search: { code: 'E', subtype: 'search' },
  retrieve: { code: 'R', subtype: 'read' },
  update: { code: 'U', subtype: 'update' },
  create: { code: 'C', subtype: 'create' },
};

/**
 * An entry as a FHIR R4 AuditEvent after the IHE BALP patterns (RESTful activity, patient as entity). A patient is shown
 * organisation, system and basis, but no member of staff by id or role profile: names are given by the organisation on
 * request.
 */
export function auditEvent(entry: AuditEntry, isForPatient: boolean): object {
  const verb = entry.operation.split('.').at(-1)?.split('-')[0] ?? '';
  const action = actions[verb] ?? { code: 'E', subtype: 'operation' };
  return {
    resourceType: 'AuditEvent',
    id: `${entry.writer}-${entry.seq}`,
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'RESTful Operation',
    },
    subtype: [
      { system: 'http://hl7.org/fhir/restful-interaction', code: action.subtype },
      { system: 'https://openspine.example/CodeSystem/operation', code: entry.operation },
    ],
    action: action.code,
    recorded: new Date(entry.at).toISOString(),
    outcome: entry.outcome === 'allowed' ? '0' : entry.status >= 500 ? '8' : '4',
    outcomeDesc: `${entry.status} ${entry.outcome}`,
    agent: agents(entry, isForPatient),
    source: { observer: { display: 'OpenSpine' } },
    entity: [
      ...(entry.nhsNumber === ''
        ? []
        : [
            {
              what: {
                type: 'Patient',
                identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: entry.nhsNumber },
              },
              type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1', display: 'Person' },
              role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1', display: 'Patient' },
            },
          ]),
      ...(entry.requestId === ''
        ? []
        : [
            {
              what: { identifier: { value: entry.requestId } },
              type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
            },
          ]),
    ],
  };
}

function agents(entry: AuditEntry, isForPatient: boolean): object[] {
  // somebody else's attempt in patient access was refused; whose it was is not for this patient either
  const isPatientThemselves = entry.mode === 'patient-access' && entry.userId === entry.nhsNumber;
  const isHidden = isForPatient && !isPatientThemselves;
  const who = isHidden ? '' : entry.userId;
  const person = {
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
    ...(entry.roleId === '' || isHidden
      ? {}
      : { role: [{ coding: [{ system: 'https://openspine.example/CodeSystem/role-profile', code: entry.roleId }] }] }),
    who: {
      ...(who === '' ? {} : { identifier: { value: who } }),
      display: isPatientThemselves
        ? 'The patient'
        : entry.odsCode === ''
          ? entry.mode
          : `${entry.mode} at ${entry.odsCode}`,
      ...(entry.odsCode === '' ? {} : { type: 'Organization' }),
    },
    requestor: true,
    ...(entry.purpose === '' ? {} : { purposeOfUse: [{ text: entry.purpose }] }),
  };
  const system = {
    type: {
      coding: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110153', display: 'Source Role ID' }],
    },
    who: { identifier: { value: entry.appId }, display: entry.appId },
    requestor: false,
  };
  return entry.appId === '' ? [person] : [person, system];
}

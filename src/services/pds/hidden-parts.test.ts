import { expect, test } from 'vitest';
import { restoreHidden } from './hidden-parts.ts';
import type { Patient, Security, StoredPatient } from './patient.ts';
import { ordinaryViewer, viewPatient } from './view.ts';

const record = (security: Security): StoredPatient => ({
  nhsNumber: '9449306621' as Patient['id'],
  version: 1,
  state: 'active',
  security,
  survivor: undefined,
  former: undefined,
  patient: {
    resourceType: 'Patient',
    id: '9449306621' as Patient['id'],
    name: [{ id: '1', use: 'usual', family: 'Penhaligon', given: ['Nora'] }],
    birthDate: '1990-01-01',
    address: [{ id: '2', use: 'home', line: ['', '4 Quay Lane', ''], postalCode: 'TR1 1AA' }],
    telecom: [{ id: '3', system: 'phone', use: 'home', value: '01632960587' }],
    extension: [
      {
        url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NominatedPharmacy',
        valueReference: { identifier: { value: 'FWC87' } },
      },
      { url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication', extension: [] },
    ],
  },
});

const seen = (stored: StoredPatient) => viewPatient(stored, ordinaryViewer);

test('an untouched view gives back the stored record, whatever was hidden', () => {
  for (const security of ['U', 'R', 'V'] as const) {
    const stored = record(security);
    const restored = restoreHidden(stored, seen(stored), seen(stored));
    expect({ ...restored, extension: undefined }).toEqual({ ...stored.patient, extension: undefined });
    expect(restored.extension).toHaveLength(2);
    expect(restored.extension).toEqual(expect.arrayContaining(stored.patient.extension as object[]));
  }
});

test('a change of a name leaves hidden address and telecom where they are', () => {
  const stored = record('R');
  const visible = seen(stored);
  const patched = { ...visible, name: [{ id: '1', use: 'usual', family: 'Trelawny', given: ['Nora'] }] };
  const restored = restoreHidden(stored, visible, patched);
  expect(restored.name?.[0]?.family).toBe('Trelawny');
  expect(restored.address).toEqual(stored.patient.address);
  expect(restored.telecom).toEqual(stored.patient.telecom);
});

test('a removed object is gone, one that was left alone keeps its blank lines', () => {
  const stored = record('U');
  const visible = seen(stored);
  const { telecom: _, ...patched } = visible;
  const restored = restoreHidden(stored, visible, patched as Patient);
  expect(restored.telecom).toBeUndefined();
  expect(restored.address?.[0]?.line).toEqual(['', '4 Quay Lane', '']);
});

test('a second home address beside a hidden one is refused', () => {
  const stored = record('R');
  const visible = seen(stored);
  const patched = { ...visible, address: [{ id: '9', use: 'home', line: ['1 New Road', 'Truro'] }] };
  expect(() => restoreHidden(stored, visible, patched)).toThrowError('INVALID_UPDATE');
});

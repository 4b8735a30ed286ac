import { describe, expect, it } from 'vitest';
import {
  adaPatient,
  add,
  forbidden,
  frozen,
  invalidUpdate,
  invalidValue,
  missing,
  patched,
  pharmacy,
  refusalOf,
  remove,
  replace,
  test,
} from './patched.fixture.ts';

describe('a list of patches', () => {
  it.each([undefined, null, [], {}, 'add', 7])('has to be there: %j', (patches) => {
    expect(refusalOf(patches)).toBe(invalidUpdate('No patches found'));
  });

  it('has known operations only, looked at before anything else', () => {
    expect(refusalOf([{ op: 'bad_value', path: 7 }])).toBe(invalidValue('bad_value', '0/op'));
    expect(refusalOf([remove('/pets'), { op: ['add'], path: '/gender' }])).toBe(invalidValue("['add']", '1/op'));
    expect(refusalOf([add('/pets', 1), { op: 'move', from: '/a', path: '/b' }])).toBe(invalidValue('move', '1/op'));
    expect(refusalOf([{ path: '/gender' }])).toBe(missing('0/op'));
    expect(refusalOf(['add'])).toBe(invalidValue('add', '0'));
  });

  it('has a pointer in each patch, and a value in each but removals', () => {
    expect(refusalOf([{ op: 'add', value: 1 }])).toBe(missing('0/path'));
    expect(refusalOf([add('gender', 'male')])).toBe(invalidValue('gender', '0/path'));
    expect(refusalOf([add('/gen~2der', 'male')])).toBe(invalidValue('/gen~2der', '0/path'));
    expect(refusalOf([add('/name/-/__proto__', {})])).toBe(invalidValue('/name/-/__proto__', '0/path'));
    expect(refusalOf([{ op: 'add', path: 12, value: 1 }])).toBe(invalidValue('12', '0/path'));
    expect(refusalOf([add('/\ud800', 1)])).toBe(invalidValue('/\\ud800', '0/path'));
    expect(refusalOf([{ op: 'replace', path: '/gender' }])).toBe(missing('0/value'));
  });

  it('is carried out whole or not at all, on a copy', () => {
    const patient = adaPatient();
    expect(refusalOf([replace('/gender', 'male'), replace('/birthDate', 'x')], { patient })).toContain('birthDate');
    expect(patient).toEqual(adaPatient());
    expect(patched([replace('/gender', 'male')], { patient })).toEqual({ ...adaPatient(), gender: 'male' });
    expect(patient).toEqual(adaPatient());
  });

  it('is left as it came, also where later patches change what earlier ones added', () => {
    const { url, extension } = adaPatient().extension?.[1] ?? {};
    const [language, interpreter] = extension ?? [];
    const patches = frozen([
      replace('/extension/1', { url, extension: [interpreter] }),
      replace('/extension/1/url', url),
      add('/extension/1/extension/1', language),
      replace('/extension/1/extension/1/valueCodeableConcept/coding/0/code', 'fr'),
      replace('/extension/1/extension/0/valueBoolean', false),
    ]);
    expect(patched(patches).extension?.[1]?.extension?.map((part) => part.valueBoolean)).toEqual([false, undefined]);
  });

  it('survives values nested deeper than any stack', () => {
    let deep: unknown = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(refusalOf([replace('/gender', deep)])).toBe(invalidValue('<json too long to display>', '0/value'));
    expect(refusalOf([{ op: deep, path: '/gender' }])).toBe(invalidValue('<json too long to display>', '0/op'));
    expect(refusalOf([deep])).toBe(invalidValue('<json too long to display>', '0'));
  });

  it('cannot reach a prototype', () => {
    const patches = JSON.parse('[{"op":"add","path":"/name/-","value":{"__proto__":{"isAdmin":true}}}]');
    expect(refusalOf(patches)).toBe(invalidValue('<json too long to display>', '0/value'));
    expect(refusalOf([replace('/name/0/id', 'A1'), add('/name/0/constructor', {})])).toBe(
      "ADDITIONAL_PROPERTIES: Invalid request with error - Additional properties are not allowed ('constructor' was unexpected)",
    );
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe('a path', () => {
  it('leads to a member that can be updated', () => {
    expect(refusalOf([add('/pets/-', {})])).toBe(invalidUpdate("Update unsupported for resource - 'pets'"));
    expect(refusalOf([replace('/id', '9')])).toBe(invalidUpdate("Update unsupported for resource - 'id'"));
    expect(refusalOf([replace('', {})])).toBe(invalidUpdate("Update unsupported for resource - ''"));
    expect(refusalOf([remove('/managingOrganization')])).toBe(
      invalidUpdate("Update unsupported for resource - 'managingOrganization'"),
    );
    expect(refusalOf([test('/meta/versionId', '7'), replace('/gender', 'male')])).toBe('none');
  });

  it('adds to a list at its end only, and inside an object by index only', () => {
    expect(refusalOf([add('/name/0', {})])).toBe(
      invalidUpdate("cannot add at '/name/0' - objects are added at '/name/-'"),
    );
    expect(refusalOf([add('/name/0/given/-', 'Rose')])).toBe(
      invalidUpdate("Invalid patch - an index is required in place of '-' in '/name/0/given/-'"),
    );
    expect(refusalOf([replace('/name', [])])).toContain("'/name' cannot be updated as a whole");
    expect(refusalOf([replace('/name/01/family', 'X')])).toBe(
      invalidUpdate("Invalid patch - '01' is not a valid sequence index"),
    );
  });

  it('inside a list object needs that object named by its own id', () => {
    const edit = replace('/address/0/line/0', 'Flat 3');
    expect(refusalOf([edit])).toBe(invalidUpdate('no id or url found for path with root /address/0'));
    expect(refusalOf([edit, replace('/address/0/id', '123456')])).toBe(
      invalidUpdate("no 'address' resources with object id '123456'"),
    );
    expect(refusalOf([edit, replace('/address/0/id', 'D2')])).toContain("'/address/0' is not the object with id 'D2'");
    expect(refusalOf([edit, replace('/address/1/id', 'D2')])).toContain('no id or url found');
    expect(patched([edit, replace('/address/0/id', 'D1')]).address?.[0]?.line?.[0]).toBe('Flat 3');
    expect(patched([add('/address/0/id', 'D1'), edit]).address?.[0]?.line?.[0]).toBe('Flat 3');
    const whole = adaPatient().name?.[1];
    expect(refusalOf([replace('/name/1', { ...whole, id: undefined })])).toContain('path with root /name/1');
    expect(refusalOf([replace('/name/1', { use: 'maiden' })])).toContain('path with root /name/1');
    expect(patched([replace('/name/1', { ...whole, family: 'Bell' })]).name?.[1]?.family).toBe('Bell');
  });

  it('is not taken for another object that moved to its index', () => {
    const patches = [
      replace('/telecom/0/id', 'T1'),
      replace('/telecom/0/value', '01632960009'),
      test('/telecom/0/id', 'T1'),
      remove('/telecom/0'),
      replace('/telecom/0/value', '07700900009'),
    ];
    expect(refusalOf(patches)).toBe(invalidUpdate('no id or url found for path with root /telecom/0'));
  });

  it('out of bounds is refused with the index, once an id is given', () => {
    const patient = { ...adaPatient(), address: [] };
    expect(refusalOf([replace('/address/0/line/0', 'x')], { patient })).toContain('no id or url found');
    expect(refusalOf([replace('/address/0/line/0', 'x'), replace('/address/0/id', 'D1')], { patient })).toBe(
      invalidUpdate("Invalid patch - index '0' is out of bounds"),
    );
    expect(refusalOf([replace('/address/0', { id: 'D1' })], { patient })).toBe(
      invalidUpdate("Invalid patch - index '0' is out of bounds"),
    );
  });

  it('to something absent cannot be replaced or removed', () => {
    const id = replace('/name/0/id', 'A1');
    expect(refusalOf([id, replace('/name/0/suffix', ['BSc'])])).toBe(
      invalidUpdate("Invalid patch - can't replace non-existent object 'suffix'"),
    );
    expect(refusalOf([id, replace('/name/0/suffix/0', 'BSc')])).toBe(
      invalidUpdate("Invalid patch - can't replace non-existent object 'suffix'"),
    );
    expect(refusalOf([id, test('/name/0/id', 'A1'), remove('/name/0/suffix/0')])).toBe(
      invalidUpdate("Invalid patch - can't remove non-existent object '0'"),
    );
    expect(refusalOf([replace('/deceasedDateTime', '2020-01-01')])).toBe(
      invalidUpdate("Invalid patch - can't replace non-existent object 'deceasedDateTime'"),
    );
    expect(refusalOf([id, replace('/name/0/family/0', 'x')])).toContain('does not lead to an object or a list');
  });

  it('to the first place of an absent list can be added to', () => {
    expect(patched([replace('/name/0/id', 'A1'), add('/name/0/suffix/0', 'BSc')]).name?.[0]?.suffix).toEqual(['BSc']);
    expect(refusalOf([replace('/name/0/id', 'A1'), add('/name/0/suffix/1', 'BSc')])).toContain('out of bounds');
  });
});

describe('a removal from a list', () => {
  it('comes right after a test of what it removes', () => {
    expect(refusalOf([remove('/name/1')])).toBe(
      invalidUpdate("removal '/name/1' is not immediately preceded by equivalent test - instead it is the first item"),
    );
    expect(refusalOf([remove('/name/99')])).toContain('instead it is the first item');
    expect(refusalOf([test('/name/1/id', 'A2'), replace('/gender', 'male'), remove('/name/1')])).toContain(
      "instead it is preceded by replace '/gender'",
    );
    expect(refusalOf([test('/name/0/id', 'A1'), remove('/name/1')])).toContain("preceded by test '/name/0/id'");
    expect(patched([test('/name/1/id', 'A2'), remove('/name/1')]).name).toHaveLength(1);
    expect(patched([test('/name/1', adaPatient().name?.[1]), remove('/name/1')]).name).toHaveLength(1);
    expect(patched([test('/extension/0/url', pharmacy('x').url), remove('/extension/0')]).extension).toHaveLength(2);
  });

  it('of a part may follow a test of the id of its object', () => {
    expect(patched([test('/name/1/id', 'A2'), remove('/name/1/given/1')]).name?.[1]?.given).toEqual(['Ada']);
    expect(patched([test('/name/1/id', 'A2'), remove('/name/1/given')]).name?.[1]).not.toHaveProperty('given');
    expect(refusalOf([test('/name/1/given', ['Ada', 'Joy']), remove('/name/1/given')])).toContain('no id or url found');
    expect(refusalOf([test('/name/1/id', 'A2'), remove('/name/1/id')])).toContain("'/name/1/id' cannot be removed");
  });

  it('shifts the indices of what follows', () => {
    const patient = adaPatient();
    patient.name?.push({ id: 'A3', use: 'old', family: 'Third' });
    const both = [test('/name/2/id', 'A3'), remove('/name/2'), test('/name/1/id', 'A2'), remove('/name/1')];
    expect(patched(both, { patient }).name?.map(({ id }) => id)).toEqual(['A1']);
    expect(refusalOf([test('/name/1/id', 'A2'), remove('/name/1'), test('/name/2/id', 'A3')], { patient })).toContain(
      "index '2' is out of bounds",
    );
  });

  it('of the last object leaves no empty list', () => {
    expect(patched([test('/contact/0/id', 'C1'), remove('/contact/0')])).not.toHaveProperty('contact');
  });

  it('is refused for what has to stay', () => {
    expect(refusalOf([test('/name/0/id', 'A1'), remove('/name/0')])).toBe(
      forbidden('not permitted to remove usual name'),
    );
    expect(refusalOf([remove('/birthDate')])).toBe(forbidden("source not permitted to remove 'birthDate'"));
    expect(refusalOf([remove('/gender')])).toBe(forbidden("source not permitted to remove 'gender'"));
    expect(refusalOf([test('/extension/2/url', adaPatient().extension?.[2]?.url), remove('/extension/2')])).toContain(
      'Update unsupported for extension',
    );
  });
});

describe('a test', () => {
  it('that fails shows both values in Python notation', () => {
    const patient = { ...adaPatient(), contact: [{ id: 'C1', telecom: [{ value: "O'B" }] }] };
    expect(refusalOf([test('/contact/0', { id: 'C2', isIt: true })], { patient })).toBe(
      invalidUpdate(
        `Invalid patch - {'id': 'C1', 'telecom': [{'value': "O'B"}]} (<class 'dict'>) is not equal to tested value {'id': 'C2', 'isIt': True} (<class 'dict'>)`,
      ),
    );
    expect(refusalOf([test('/gender', null)])).toBe(
      invalidUpdate("Invalid patch - female (<class 'str'>) is not equal to tested value None (<class 'NoneType'>)"),
    );
    expect(refusalOf([test('/name/0/given', 4.5)])).toContain(
      "['Ada'] (<class 'list'>) is not equal to tested value 4.5 (<class 'float'>)",
    );
  });

  it('does not mind the order of members', () => {
    const { id, ...rest } = adaPatient().telecom?.[0] ?? {};
    expect(refusalOf([test('/telecom/0', { ...rest, id })])).toBe('none');
  });

  it('of something absent fails', () => {
    expect(refusalOf([test('/deceasedDateTime', '2020-01-01')])).toContain("member 'deceasedDateTime' not found");
    expect(refusalOf([test('/name/7/id', 'A1')])).toBe(invalidUpdate("Invalid patch - index '7' is out of bounds"));
    expect(refusalOf([test('/name/-', {})])).toContain('out of bounds');
  });
});

describe('a new object', () => {
  it('gets an id of the server, whatever id it came with, and stands last', () => {
    const names = patched([add('/name/-', { id: 'A1', use: 'old', family: 'New' })]).name;
    expect(names?.map(({ id }) => id)).toEqual(['A1', 'A2', '00000001']);
  });

  it('gets no id that another object has', () => {
    const patient = adaPatient();
    patient.telecom = [{ ...patient.telecom?.[0], id: '00000001' }];
    expect(patched([add('/name/-', { use: 'old', family: 'New' })], { patient }).name?.[2]?.id).toBe('00000002');
  });

  it('is one of at most fifty in its list', () => {
    const many = Array.from({ length: 49 }, () => add('/name/-', { use: 'old', family: 'New' }));
    expect(refusalOf(many.slice(1))).toBe('none');
    expect(refusalOf(many)).toBe(invalidUpdate("a patient can have at most 50 'name' objects"));
  });
});

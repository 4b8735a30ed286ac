/**
 * The words of refused updates. What stands under `published` is compared by clients to the letter; what stands under
 * `chosen` is ours, because the service does not publish its wording. Each follows the prefix
 * `Invalid update with error - ` or `Forbidden update with error - ` (see `refusals.ts`).
 */
export const published = {
  noPatches: () => 'No patches found',
  unsupportedMember: (member: string) => `Update unsupported for resource - '${member}'`,
  noId: (root: string) => `no id or url found for path with root ${root}`,
  unknownId: (list: string, id: string) => `no '${list}' resources with object id '${id}'`,
  outOfBounds: (index: string) => `Invalid patch - index '${index}' is out of bounds`,
  replaceAbsent: (key: string) => `Invalid patch - can't replace non-existent object '${key}'`,
  removeAbsent: (key: string) => `Invalid patch - can't remove non-existent object '${key}'`,
  untestedFirst: (path: string) =>
    `removal '${path}' is not immediately preceded by equivalent test - instead it is the first item`,
  testFailed: (actual: string, actualType: string, tested: string, testedType: string) =>
    `Invalid patch - ${actual} (<class '${actualType}'>) is not equal to tested value ${tested} (<class '${testedType}'>)`,
  interpreterRemoved: () => 'interpreterRequired cannot be removed',
  patientMayNot: () => 'This user does not have permission to update the fields in the patches provided.',
  secondUsualName: () => 'multiple usual names cannot be added',
  usualNameRemoved: () => 'not permitted to remove usual name',
  mayNotRemove: (member: string) => `source not permitted to remove '${member}'`,
} as const;

/** Wording of our own, for rules that are published without their words. Documentation lists these. */
export const chosen = {
  untested: (path: string, op: string, previous: string) =>
    `removal '${path}' is not immediately preceded by equivalent test - instead it is preceded by ${op} '${previous}'`,
  wholeList: (list: string) =>
    `'/${list}' cannot be updated as a whole - add to '/${list}/-' or name one object by its index`,
  addOnlyAtEnd: (path: string, list: string) => `cannot add at '${path}' - objects are added at '/${list}/-'`,
  indexRequired: (path: string) => `Invalid patch - an index is required in place of '-' in '${path}'`,
  notAnIndex: (key: string) => `Invalid patch - '${key}' is not a valid sequence index`,
  memberAbsent: (key: string) => `Invalid patch - member '${key}' not found`,
  unresolvable: (path: string) => `Invalid patch - '${path}' does not lead to an object or a list`,
  idElsewhere: (root: string, id: string) => `Invalid patch - '${root}' is not the object with id '${id}'`,
  unknownUrl: (url: string) => `no 'extension' resources with url '${url}'`,
  idRemoved: (path: string) => `'${path}' cannot be removed`,
  tooManyObjects: (list: string, most: number) => `a patient can have at most ${most} '${list}' objects`,
  unsupportedExtension: (url: string) => `Update unsupported for extension - '${url}'`,
  secondExtension: (url: string) => `a patient can have only one extension '${url}'`,
  deathStatusRemoved: () => 'DeathNotificationStatus cannot be removed',
  deathFormal: (what: string) => `${what} cannot be replaced when the death notification is formal`,
  deathNeedsNotification: () => 'a death notification status must be added with the date of death',
  notificationNeedsDeath: () => 'a date of death must be added with the death notification status',
  deathInFuture: () => 'deceasedDateTime cannot be in the future',
  deathBeforeBirth: () => 'deceasedDateTime cannot be before birthDate',
  birthInFuture: () => 'birthDate cannot be in the future',
  birthAfterDeath: () => 'birthDate cannot be after deceasedDateTime',
  startInFuture: (path: string) => `'${path}' cannot be in the future`,
  endBeforeStart: (path: string) => `'${path}' cannot be before the start date`,
  periodTooLong: (path: string, use: string, days: number) =>
    `'${path}' cannot be more than ${days} days after the start date of a ${use} address`,
  secondAddress: (use: string) => `a patient can have only one ${use} address`,
  addressLines: () => 'address lines 1 and 4 or 2 and 4 must be completed as a minimum',
  secondNickname: () => 'multiple nickname names cannot be added',
  nameUseChanged: () => 'the use of an existing name cannot be changed',
  secondTelecom: (system: string, use: string) => `a patient can have only one ${use} ${system} telecom`,
  telecomKindChanged: () => 'the system and use of an existing telecom cannot be changed',
  emailFormat: () => 'email format is invalid',
  contactTelecomMember: (member: string) => `'${member}' must not be given in the telecom of a contact`,
  contactFax: () => 'the telecom of a contact cannot be a fax',
  secondPractice: () => 'a patient can have only one generalPractitioner',
  practiceEnd: () => 'an end date cannot be provided on generalPractitioner',
  timeNeedsMethod: () => 'PreferredContactTimes needs a PreferredContactMethod',
  englishLanguage: () => 'the communication language must not be English',
  birthPlaceEmpty: () => 'the place of birth needs a city, a district or a country',
  mayNotUpdate: (member: string) => `source not permitted to update '${member}'`,
  mayNotNotifyFormally: () => 'source not permitted to set a formal death notification',
} as const;

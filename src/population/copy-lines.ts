import type { PersonRow } from './person.ts';

/** The lines of pds.trace for a person, as COPY takes them: the rows traceRows gives for the record. */
export function traceLines(person: PersonRow): string {
  if (person.state !== 'a') return '';
  let lines = '';
  for (const { family, givenKey, kind } of person.names) {
    lines += `${person.bornOn}\t${family.sound}\t${kind}\t${family.key}\t${givenKey}\t${person.nhsNumber}\t${person.gender}\t${person.postcodes}\n`;
  }
  return lines;
}

/** The line of pds.patient. Nothing in it needs the escapes of COPY: the nation has no backslash, tab or line end. */
export function patientLine(person: PersonRow): string {
  const survivor = person.survivor ?? '\\N';
  const former = person.former === '' ? '\\N' : person.former;
  return `${person.nhsNumber}\t${person.version}\t${person.state}\t${person.security}\t${survivor}\t${person.record}\t${former}\n`;
}

import { streetNames } from './places/streets.ts';
import { type Town, towns } from './places/towns.ts';

/** An organisation of the synthetic nation. */
export type SyntheticOrganisation = {
  readonly odsCode: string;
  readonly kind: 'practice' | 'pharmacy' | 'trust';
  readonly name: string;
  readonly lines: readonly string[];
  readonly town: string;
  readonly postcode: string;
  readonly telephone: string;
};

/** Practices, and as many pharmacies, in each town. */
export const practicesInTown = 3;

const practiceLetters = 'ABCDEFGHJKLMNPVWY';

/** The code of practice `n` of a town: a letter and five digits, of a block in which none has been issued. */
export function practiceCode(townIndex: number, n: number): string {
  const letter = practiceLetters.charAt(townIndex % practiceLetters.length);
  return `${letter}${99_000 + townIndex * practicesInTown + n}`;
}

/** The code of pharmacy `n` of a town: F and four characters. */
export function pharmacyCode(townIndex: number, n: number): string {
  return `FZ${String(100 + townIndex * practicesInTown + n)}`;
}

const practiceKinds = ['Surgery', 'Medical Centre', 'Health Centre', 'Group Practice', 'Family Practice'];
const pharmacyKinds = ['Pharmacy', 'Chemist', 'Dispensing Chemist'];

function at(town: Town, townIndex: number, n: number, street: string) {
  const district = town.firstDistrict + ((townIndex + n) % town.districts);
  return {
    lines: [`${3 + ((townIndex * 7 + n * 13) % 80)} ${street}`],
    town: town.name,
    postcode: `${town.area}${district} ${(townIndex + n * 3) % 10}${'ABDEF'.charAt(n % 5)}${'GHJLN'.charAt(townIndex % 5)}`,
    telephone:
      town.telephone +
      String(townIndex * 8 + n)
        .padStart(3, '0')
        .slice(town.telephone.length - 11),
  };
}

const trustLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Practices and pharmacies of every town, and a trust for every third; always the same, in the same order. */
export function organisations(): SyntheticOrganisation[] {
  const all: SyntheticOrganisation[] = [];
  towns.forEach((town, townIndex) => {
    for (let n = 0; n < practicesInTown; n++) {
      const place = streetNames[(townIndex * 5 + n * 17) % streetNames.length]!;
      all.push({
        odsCode: practiceCode(townIndex, n),
        kind: 'practice',
        name: `${place} ${practiceKinds[(townIndex + n) % practiceKinds.length]}`,
        ...at(town, townIndex, n, `${place} Road`),
      });
      all.push({
        odsCode: pharmacyCode(townIndex, n),
        kind: 'pharmacy',
        name: `${place} ${pharmacyKinds[(townIndex + n) % pharmacyKinds.length]}`,
        ...at(town, townIndex, n + practicesInTown, 'High Street'),
      });
    }
    if (townIndex % 3 === 0) {
      const number = townIndex / 3;
      const place = town.name === 'London' ? `London ${town.area}` : town.name;
      all.push({
        odsCode: `R${9 - Math.floor(number / trustLetters.length)}${trustLetters.charAt(number % trustLetters.length)}`,
        kind: 'trust',
        name: `${place} Teaching Hospitals NHS Trust`,
        ...at(town, townIndex, 7, 'Infirmary Road'),
      });
    }
  });
  return all;
}

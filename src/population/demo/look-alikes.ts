import type { Patient } from '../../services/pds/patient.ts';
import { address, born, name, record } from './builders.ts';

/** Records other records are mistaken for, and records with odd contents. */
export const lookAlikes: readonly Patient[] = [
  record(
    '5900035697',
    2,
    'U',
    name('6D6F5D00', '2022-11-21', 'jackie|jones', { prefix: 'Mr' }),
    born('male', '2000-01-01'),
    address('E8FFE847', '2022-11-21', '12/somewhere/london'),
  ),
  record(
    '5900036502',
    3,
    'U',
    name('6ABDA7E2', '2024-03-15', 'Leandro Gerry|McMatch-Multiple'),
    born('male', '1997-08-20'),
    address('49336F4C', '2024-03-15', '1 Jasmine Court', 'DN19 7UD'),
  ),
  record(
    '5900046192',
    3,
    'U',
    name('283EBC8B', '2024-04-30', 'Zebedee|Karate-test-gtikmto', { prefix: 'Mr' }),
    born('male', '1991-06-28'),
    address('C0E90847', '2001-04-25', 'Flat 16, The Heights/Curley Rows/WALLINGTON/Surrey', 'SM5 9PX'),
  ),
  record(
    '5900053679',
    1,
    'U',
    name('65D8EC67', '1997-08-20', 'Leandro Gerry|McMatch-Multiple'),
    born('male', '1997-08-20'),
    address('DE8E6651', '2024-03-19', '1 Jasmine Court', 'DN19 7UD'),
  ),
  record(
    '5900054586',
    1,
    'U',
    name('978C7701', '2024-05-09', 'Mickey|McMatch-Single', { prefix: 'Mr' }),
    born('male', '1954-10-26'),
    address('A5ED70F0', '2024-05-09', '317 Stuart Streets', 'BAP4WG'),
  ),
  record(
    '5900056597',
    3,
    'U',
    name('06CDC2DE', '2024-05-01', 'Jane|Karate-test-cpwdvdf', { prefix: 'Mr' }),
    born('male', '1981-12-05'),
    address('1176C882', '2024-05-01', '74003 Titus Lock', 'JH1B0NK'),
  ),
  record(
    '5900057208',
    1,
    'U',
    name('F44C7CD5', '2024-05-01', 'Zebedee|Karate-test-ytormjb', { prefix: 'Mr' }),
    born('male', '2013-07-19'),
    address('E7DABA80', '2024-05-01', '64768 Schneider Extensions', 'T38DG'),
  ),
  record(
    '5900059073',
    2,
    'U',
    name('0C48AD81', '2024-05-01', 'Zebedee|Karate-test-jaujxet', { prefix: 'Mr' }),
    born('male', '1996-09-30'),
  ),
  record(
    '5900059332',
    1,
    'U',
    name('47744120', '2024-05-01', 'Zebedee|Karate-test-wzclvui', { prefix: 'Mr' }),
    born('male', '1958-02-23'),
    address('92CA389F', '2024-05-01', '2690 Kasey Lodge', 'AVG8LL'),
  ),
];

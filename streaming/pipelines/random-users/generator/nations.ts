import * as faker from '@faker-js/faker';

/** How a nation's people look in the API's answers. In patterns `#` is a digit and `?` a letter. */
export interface Nation {
  readonly nat: string;
  readonly country: string;
  readonly locale: faker.LocaleDefinition;
  /** The API answers a number where the pattern is digits only and does not start with 0. */
  readonly postcode: string;
  readonly phone: string;
  readonly cell: string;
  /** Name and pattern of the national id; the API knows none for some nations. */
  readonly id: readonly [name: string, pattern: string | null];
}

const nation = (
  nat: string,
  country: string,
  locale: faker.LocaleDefinition,
  postcode: string,
  phone: string,
  cell: string,
  ...id: Nation['id']
): Nation => ({ nat, country, locale, postcode, phone, cell, id });

/** The 21 nations of version 1.4. */
export const nations: readonly Nation[] = [
  nation('AU', 'Australia', faker.en_AU, '####', '0#-####-####', '04##-###-###', 'TFN', '#########'),
  nation('BR', 'Brazil', faker.pt_BR, '#####', '(##) ####-####', '(##) ####-####', 'CPF', '###.###.###-##'),
  nation('CA', 'Canada', faker.en_CA, '?#? #?#', '?## ?##-####', '?## ?##-####', 'SIN', '#########'),
  nation('CH', 'Switzerland', faker.de_CH, '####', '07# ### ## ##', '07# ### ## ##', 'AVS', '756.####.####.##'),
  nation('DE', 'Germany', faker.de, '#####', '0###-#######', '017#-#######', 'SVNR', '## ###### ? ###'),
  nation('DK', 'Denmark', faker.da, '#####', '########', '########', 'CPR', '######-####'),
  nation('ES', 'Spain', faker.es, '#####', '9##-###-###', '6##-###-###', 'DNI', '########-?'),
  nation('FI', 'Finland', faker.fi, '#####', '0#-###-###', '04#-###-##-##', 'HETU', '######-###?'),
  nation('FR', 'France', faker.fr, '#####', '0#-##-##-##-##', '06-##-##-##-##', 'INSEE', '############# ##'),
  nation('GB', 'United Kingdom', faker.en_GB, '??## #??', '01### ######', '07### ######', 'NINO', '?? ## ## ## ?'),
  nation('IE', 'Ireland', faker.en_IE, '#####', '0##-###-####', '081-###-####', 'PPS', '#######?'),
  nation('IN', 'India', faker.en_IN, '#####', '9#########', '9#########', 'UIDAI', '############'),
  nation('IR', 'Iran', faker.fa, '#####', '0##-########', '09##-###-####', '', null),
  nation('MX', 'Mexico', faker.es_MX, '#####', '(6##) ### ####', '(6##) ### ####', 'NSS', '## ## ## #### #'),
  nation('NL', 'Netherlands', faker.nl, '#####', '(###)-###-####', '(###)-###-####', 'BSN', '########'),
  nation('NO', 'Norway', faker.nb_NO, '0###', '########', '########', 'FN', '###########'),
  nation('NZ', 'New Zealand', faker.en_AU, '#####', '(###)-###-####', '(###)-###-####', '', null),
  nation('RS', 'Serbia', faker.sr_RS_latin, '#####', '0##-####-###', '06#-####-###', 'SID', '#########'),
  nation('TR', 'Turkey', faker.tr, '#####', '(###)-###-####', '(###)-###-####', '', null),
  nation('UA', 'Ukraine', faker.uk, '#####', '(0##) ?##-####', '(0##) ?##-####', '', null),
  nation('US', 'United States', faker.en_US, '#####', '(###) ###-####', '(###) ###-####', 'SSN', '###-##-####'),
];

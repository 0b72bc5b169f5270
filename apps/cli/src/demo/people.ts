/** Who is in the demo: people with names, and ids that say nothing about them. */
import { idOf } from './draw.js';

/** One person of the community; everything follows from the number, whatever the seed. */
export interface DemoPerson {
  readonly number: number;
  readonly userId: string;
  readonly membershipId: string;
  readonly name: string;
  readonly username: string;
  readonly email: string;
}

/** The ten of the table are the persons 0 to 9, in the order of the table. */
export const topTenNames = [
  'Nicole King',
  'Kevin Gonzalez',
  'Diane Sanchez',
  'Paul Martin',
  'Dorothy Torres',
  'Steven Nguyen',
  'Nancy Davis',
  'Dorothy Young',
  'Steven Wright',
  'Carolyn Rodriguez',
] as const;
export type TopTenName = (typeof topTenNames)[number];

export function personOf(number: number): DemoPerson {
  const name = topTenNames[number] ?? nameOf(number);
  const username = usernameOf(name, number);
  return {
    number,
    userId: idOf('user', number),
    membershipId: idOf('mem', number),
    name,
    username,
    email: `${username}@example.com`,
  };
}

function nameOf(number: number): string {
  // The strides share no factor with the lengths, so that neighbours differ in both names.
  const first = firstNames[(number * 37 + 11) % firstNames.length] ?? '';
  const last = lastNames[(number * 53 + Math.floor(number / 127) + 5) % lastNames.length] ?? '';
  return `${first} ${last}`;
}

/** Unique, lower case, ASCII: part of the name, and the number except for the ten. */
function usernameOf(name: string, number: number): string {
  const [first = '', last = ''] = name
    .normalize('NFD')
    .toLowerCase()
    .split(' ')
    .map((part) => part.replace(/[^a-z]/g, ''));
  if (number < topTenNames.length) return `${first}.${last}`;
  const stem = [`${first}_${last.slice(0, 1)}`, `${first.slice(0, 1)}${last}`, last, first];
  return `${stem[number % stem.length] || 'member'}${number}`;
}

const firstNames = words(`
  Aaliyah Aaron Abigail Adam Aisha Alejandro Alice Amara Amelia Ana André Angela Anika Antonio
  Arjun Ashley Astrid Ayesha Beatriz Benjamin Björn Brian Brianna Bruno Camila Carlos Caroline
  Cécile Chen Chidi Chloe Christopher Claire Connor Daniela Darius David Deepa Dimitri Eduardo
  Elena Eli Elif Emily Emma Erik Esther Ethan Fatima Felix Fiona Francesca Gabriel Giulia Grace
  Hana Hannah Haruto Hassan Helena Hugo Ibrahim Ines Ingrid Isaac Isabella Ivan Jacob Jamal James
  Jasmine Javier Jin Joanna Joao Jordan José Julia Kamal Karen Katarzyna Kenji Kofi Laila Lars
  Laura Leila Leon Liam Lina Lucas Lucía Łukasz Mai Malik Marco Maria Mateo Maya Mei Miguel Mina
  Mohammed Nadia Naomi Nathan Ngozi Nikhil Noah Nora Olivia Omar Oscar Owen Patricia Pedro Priya
  Quinn Rachel Rafael Ravi Rebecca Rosa Ruth Ryan Sakura Samir Samuel Sara Sebastian Selma Sofia
  Stefan Tara Theo Thomas Tomás Uma Valentina Victor Wei William Xin Yara Yusuf Zainab Zoë محمد 美咲
`);

const lastNames = words(`
  Abbott Adeyemi Aguilar Ahmed Álvarez Andersson Bailey Baker Banerjee Barnes Becker Bennett
  Bernard Bianchi Brooks Carvalho Castillo Chandra Chávez Choi Clarke Cohen Collins Costa Cruz
  Dubois Dvořák Edwards Eriksen Evans Farouk Fernandes Fischer Flores Foster Fraser Fujimoto
  García Gibson Goldberg Gomes Grant Gray Greene Gupta Gutiérrez Haddad Hall Hansen Harris Hayashi
  Henderson Hoang Hughes Ibáñez Ito Ivanova Jackson Jansen Jensen Johansson Jones Kaplan Kapoor
  Kaya Keller Khan Kim Kowalski Kumar Lambert Larsen Lee Lewis Lindqvist Lopes Mancini Marino
  Mbeki Mehta Mendoza Meyer Miller Mitchell Molina Moreau Morgan Mori Müller Murphy Nakamura
  Ndiaye Nielsen Novak O’Brien Okafor Olsen Ortiz Osei Park Patel Pereira Perez Peterson Petrov
  Quiroz Rahman Ramos Reed Reyes Rhee Ricci Rivera Robinson Romano Rossi Russo Santos Sato Schmidt
  Shah Silva Singh Suzuki Tanaka Taylor Thompson Tran Tremblay Varga Vasquez Walker Wang Weber
  Williams Wójcik Yamamoto Yılmaz Zhang Zimmermann
`);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
